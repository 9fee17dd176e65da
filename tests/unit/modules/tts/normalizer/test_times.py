from __future__ import annotations

import pytest

from modules.tts.normalizer.times import speak


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("7:30 am", "seven thirty AM"),
        ("7:05pm", "seven oh five PM"),
        ("at 7:30 p.m. we", "at seven thirty PM we"),
        ("at 7:30 p.m.", "at seven thirty PM."),
        ("7.30 pm", "seven thirty PM"),
        ("7.30", "7.30"),
        ("7 pm", "seven PM"),
        ("7:00", "seven o'clock"),
        ("7:00 am", "seven AM"),
        ("19:00", "nineteen hundred"),
        ("19:30", "nineteen thirty"),
        ("00:05", "zero oh five"),
        ("10:30:15", "ten thirty and fifteen seconds"),
        ("10:30:01", "ten thirty and one second"),
        ("9:30-11:15", "nine thirty to eleven fifteen"),
        ("9:30 am - 11:15 am", "nine thirty AM to eleven fifteen AM"),
        ("9-5pm", "9 to five PM"),
        ("7:60", "7:60"),
        ("16:9", "16:9"),
        ("7 amps", "7 amps"),
    ],
)
def test_times_are_spoken(written: str, spoken: str) -> None:
    assert speak(written) == spoken
