"""Hearing one's own name."""
