from __future__ import annotations

import pytest
from num2words import CONVERTER_CLASSES

from modules.tts.normalizer.foreign import speak_numbers


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "25 Katzen", "fünfundzwanzig Katzen"),
        ("fr", "J'ai 21 ans.", "J'ai vingt et un ans."),
        ("de", "3,5 Liter am 5. Mai um 10:30", "3,5 Liter am 5. Mai um 10:30"),
        ("de", "keine Zahl", "keine Zahl"),
        ("xx", "25 of an unknown language", "25 of an unknown language"),
        ("am", "123456", "123456"),
    ],
)
def test_whole_numbers_are_spoken_where_the_language_is_known(language: str, written: str, spoken: str) -> None:
    assert speak_numbers(written, language) == spoken


@pytest.mark.parametrize("language", sorted(code for code in CONVERTER_CLASSES if len(code) == 2 and code != "am"))
def test_no_language_fails(language: str) -> None:
    text = " ".join(str(value) for value in (0, 1, 10, 21, 99, 100, 1001, 123_456, 10**9 - 1, 10**9))
    spoken = speak_numbers(text, language)
    assert [word for word in spoken.split() if word.isascii() and word.isdigit()] == ["1000000000"]
