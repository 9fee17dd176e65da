"""What was said, kept: sessions, turns, and what became of them."""
