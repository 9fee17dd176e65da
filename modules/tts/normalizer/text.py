"""The steps that turn written text into spoken text, in their order."""

from __future__ import annotations

import re

from modules.tts.normalizer import abbreviations, dates, foreign, markup, money, numbers, symbols, times, units, web

_ENGLISH = (
    web.speak,
    abbreviations.speak,
    dates.speak,
    times.speak,
    money.speak,
    numbers.speak_codes,
    units.speak,
    numbers.speak,
    symbols.speak,
)
"""Each step leaves only words where it found its pattern, so a later step cannot misread them."""

_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r" (?=[,.;:!?](?:\s|$))")


def normalize(text: str, language: str = "en") -> str:
    """Write text as it is spoken, on one line.

    In English everything that is not a word becomes words; in other languages markdown and emoji are removed and whole
    numbers become words where num2words knows the language. Plain sentences stay as they are. Any text is accepted.

    Args:
        text: As written by a person or a language model, markdown included.
        language: ISO 639-1 code.
    """
    text = markup.strip(text)
    if language == "en":
        for step in _ENGLISH:
            text = step(text)
    else:
        text = foreign.speak_numbers(text, language)
    return _SPACE_BEFORE_MARK.sub("", _SPACES.sub(" ", text)).strip()
