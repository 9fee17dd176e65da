"""What a process that is killed at any moment leaves behind."""
