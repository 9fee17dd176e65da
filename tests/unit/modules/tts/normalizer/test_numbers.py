from __future__ import annotations

import pytest

from modules.tts.normalizer.numbers import speak, speak_codes


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("3.11.2", "three point eleven point two"),
        ("v1.2.3", "version one point two point three"),
        ("Python 3.12", "Python three point twelve"),
        ("v 2.0", "version two point zero"),
        ("192.168.1.10", "one nine two dot one six eight dot one dot one zero"),
        ("555-123-4567", "five five five, one two three, four five six seven"),
        ("(555) 123-4567", "five five five, one two three, four five six seven"),
        ("555-1234", "five five five, one two three four"),
        ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
        ("0xFF", "hex F F"),
        ("1.5e-3", "one point five times ten to the minus three"),
        ("2e10", "two times ten to the ten"),
        ("the 1990s", "the nineteen nineties"),
        ("the '80s", "the eighties"),
        ("2000s", "two thousands"),
        ("½", " 1/2"),
        ("2½", "2 1/2"),
        ("3.5", "3.5"),
    ],
)
def test_codes_are_spoken(written: str, spoken: str) -> None:
    assert speak_codes(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("12 eggs", "twelve eggs"),
        ("1,234,567", "one million two hundred thirty-four thousand five hundred sixty-seven"),
        ("-5 and +5", "minus five and plus five"),
        (".5", "point five"),
        ("1/2", "one half"),
        ("3/4", "three quarters"),
        ("2/3", "two thirds"),
        ("2 1/2", "two and a half"),
        ("1 3/4", "one and three quarters"),
        ("8/10", "eight out of ten"),
        ("24/7", "twenty-four seven"),
        ("40/50", "forty slash fifty"),
        ("1 40/50", "one forty slash fifty"),
        ("1st, 22nd", "first, twenty-second"),
        ("10-12", "ten to twelve"),
        ("10–12", "ten to twelve"),
        ("1939-1945", "nineteen thirty-nine to nineteen forty-five"),
        ("16:9", "sixteen to nine"),
        ("in 1984", "in nineteen eighty-four"),
        ("in 1789", "in seventeen eighty-nine"),
        ("1789 people", "one thousand seven hundred eighty-nine people"),
        ("2024", "twenty twenty-four"),
        ("007", "zero zero seven"),
        ("hunter2", "hunter two"),
        ("MP3", "MP three"),
        ("B2B", "B two B"),
        ("COVID-19", "COVID nineteen"),
        ("GPT-4", "GPT four"),
        ("1080p", "ten eighty p"),
        ("a1b2c3", "A one B two C three"),
        ("10-year-old", "ten year-old"),
        ("1.2,3", "one point two, three "),
    ],
)
def test_numbers_are_spoken(written: str, spoken: str) -> None:
    assert speak(written) == spoken
