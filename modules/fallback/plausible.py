"""Tells text from what a broken engine gives in its place."""

from __future__ import annotations

import unicodedata

_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})
"""Unicode categories of control characters, of what is not assigned, and of what is private or half a character."""
_REPLACEMENT = "\ufffd"
_WHITE = frozenset("\n\r\t")


def is_noise(text: str) -> bool:
    """Whether at least half of the characters are none that anybody writes; False for an empty text."""
    return bool(text) and 2 * sum(map(_is_odd, text)) >= len(text)


def _is_odd(character: str) -> bool:
    return character not in _WHITE and (character == _REPLACEMENT or unicodedata.category(character) in _NO_TEXT)
