from __future__ import annotations

import pytest

from modules.tts.normalizer.abbreviations import speak


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Dr. Smith and Mrs Jones", "Doctor Smith and Missis Jones"),
        ("St. John", "Saint John"),
        ("Elm St. is long", "Elm Street is long"),
        ("e.g. this, i.e. that", "for example this, that is that"),
        ("pears, etc.", "pears, et cetera."),
        ("pears, etc. and", "pears, et cetera and"),
        ("us vs. them", "us versus them"),
        ("No. 5 and #6", "number 5 and number 6"),
        ("No. It is not", "No. It is not"),
        ("p. 12", "page 12"),
        ("w/ milk, w/o sugar, w/milk", "with milk, without sugar, with milk"),
        ("a JSON file", "a Jason file"),
        ("Drama", "Drama"),
    ],
)
def test_abbreviations_are_written_out(written: str, spoken: str) -> None:
    assert speak(written) == spoken
