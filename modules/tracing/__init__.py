"""Turns as spans, for those who collect traces."""
