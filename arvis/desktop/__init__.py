"""What Arvis shows outside of its window, through the services of the desktop."""
