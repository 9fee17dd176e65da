from __future__ import annotations

import pytest

from modules.tts.normalizer.money import speak


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("$4.50", "four dollars and fifty cents"),
        ("$4.01", "four dollars and one cent"),
        ("$4.00", "four dollars"),
        ("$0.99", "ninety-nine cents"),
        ("$1", "one dollar"),
        ("$1,234.56", "one thousand two hundred thirty-four dollars and fifty-six cents"),
        ("$2.5", "two point five dollars"),
        ("€3", "three euros"),
        ("£1.2 million", "one point two million pounds"),
        ("$10k", "ten thousand dollars"),
        ("$3bn", "three billion dollars"),
        ("-$3", "minus three dollars"),
        ("$5-10", "five to ten dollars"),
        ("$5-$10", "five to ten dollars"),
        ("US$5/month", "five dollars per month"),
        ("$9/mo", "nine dollars per month"),
        ("USD 5", "five dollars"),
        ("5 EUR", "five euros"),
        ("5€", "five euros"),
        ("¥500", "five hundred yen"),
        ("50¢", "fifty cents"),
        ("1¢", "one cent"),
        ("$x", "$x"),
    ],
)
def test_amounts_are_spoken(written: str, spoken: str) -> None:
    assert speak(written) == spoken
