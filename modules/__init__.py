"""What Arvis can do, without Qt: one folder per capability."""
