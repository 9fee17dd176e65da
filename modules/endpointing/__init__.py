"""Knowing when somebody has finished speaking."""
