from __future__ import annotations

import pytest

from modules.tts.normalizer.units import speak


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("5 km", "five kilometers"),
        ("1km", "one kilometer"),
        ("1.5 kg", "one point five kilograms"),
        ("50 Mbps", "fifty megabits per second"),
        ("4.7 GB", "four point seven gigabytes"),
        ("100 MB/s", "one hundred megabytes per second"),
        ("80 km/h", "eighty kilometers per hour"),
        ("9.8 m/s", "nine point eight meters per second"),
        ("-5 °C", "minus five degrees Celsius"),
        ("98.6°F", "ninety-eight point six degrees Fahrenheit"),
        ("72°", "seventy-two degrees"),
        ("±2 mm", "plus or minus two millimeters"),
        ("50%", "fifty percent"),
        ("10-12 °C", "ten to twelve degrees Celsius"),
        ("3 m²", "three square meters"),
        ("1 m3", "one cubic meter"),
        ("5 ft", "five feet"),
        ("2.4 GHz", "two point four gigahertz"),
        ("2x faster", "two times faster"),
        ("12k users", "twelve thousand users"),
        ("5M users", "five million users"),
        ("1920x1080", "1920 by 1080"),
        ("5'11\"", "five foot eleven"),
        ("5 x", "5 x"),
        ("5 in the box", "5 in the box"),
        ("5 apples", "5 apples"),
        ("5 kg2", "5 kg2"),
        ("v1.5 km", "v1.5 km"),
    ],
)
def test_quantities_are_spoken(written: str, spoken: str) -> None:
    assert speak(written) == spoken
