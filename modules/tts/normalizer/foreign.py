"""Numbers in languages other than English."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"(?<![\w.,:/'’-])[0-9]{1,9}(?![\w%'’°-]|[.,:/][0-9]|\. ?\S)")
"""Whole numbers that stand alone; signs for decimals, thousands and ordinals differ, and voices know them."""
_UNUSABLE = frozenset({"am"})
"""Languages whose conversion fails or never returns for some numbers (num2words 0.5.14)."""


def speak_numbers(text: str, language: str) -> str:
    """Put whole numbers into words, in the languages that num2words knows; leave others to the voice."""
    if not _WHOLE.search(text):
        return text
    from num2words import CONVERTER_CLASSES, num2words

    if language not in CONVERTER_CLASSES or language in _UNUSABLE:
        return text
    return _WHOLE.sub(lambda match: str(num2words(int(match[0]), lang=language)), text)
