"""What counts as speakable text."""

from __future__ import annotations


def has_words(text: str) -> bool:
    """Whether the text has a letter or a digit, so that there is something to say."""
    return any(character.isalnum() for character in text)
