"""Checks of what works here and what does not."""
