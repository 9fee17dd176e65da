"""One voice that tells the user what happened."""
