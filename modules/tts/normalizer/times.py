"""Times of day, spoken."""

from __future__ import annotations

import re

from modules.tts.normalizer.numerals import cardinal

_HALF = r"(?:\s?([ap])(?:\.m\.|\.?m)(?![\w]))"
_CLOCK = re.compile(rf"(?<![\w:.,])([01]?[0-9]|2[0-4]):([0-5][0-9])(?::([0-5][0-9]))?{_HALF}?(?![\w:])", re.IGNORECASE)
_HOUR = re.compile(rf"(?<![\w:.,])([0-9]{{1,2}}){_HALF}", re.IGNORECASE)
_POINTED = re.compile(r"(?<![\w:.,])([0-9]{1,2})\.([0-5][0-9])(?=\s?[ap]\.?m(?!\w))", re.IGNORECASE)
_SPAN = re.compile(r"(?<=:[0-5][0-9])(\s?[ap]\.?m\.?)?\s?[-–]\s?(?=[0-9]{1,2}:[0-5][0-9])", re.IGNORECASE)
_HOUR_SPAN = re.compile(
    rf"(?<![\w:.,-])([0-9]{{1,2}})(\s?[ap]\.?m\.?)?\s?[-–]\s?(?=[0-9]{{1,2}}{_HALF})", re.IGNORECASE
)


def speak(text: str) -> str:
    """Put times into words: 7:05 pm -> seven oh five PM, 19:30 -> nineteen thirty."""
    text = _POINTED.sub(r"\1:\2", text)
    text = _SPAN.sub(lambda match: f"{match[1] or ''} to ", text)
    text = _HOUR_SPAN.sub(lambda match: f"{match[1]}{match[2] or ''} to ", text)
    text = _CLOCK.sub(_clock, text)
    return _HOUR.sub(_hour, text)


def _clock(match: re.Match[str]) -> str:
    hour, minute, second, half = int(match[1]), int(match[2]), match[3], match[4]
    words = cardinal(hour)
    if minute:
        words += f" oh {cardinal(minute)}" if minute < 10 else f" {cardinal(minute)}"
    elif not half:
        words += " o'clock" if 1 <= hour <= 12 else " hundred"
    if second and int(second):
        words += f" and {cardinal(int(second))} second{'' if int(second) == 1 else 's'}"
    return words + _half(match, half)


def _hour(match: re.Match[str]) -> str:
    return cardinal(int(match[1])) + _half(match, match[2])


def _half(match: re.Match[str], half: str | None) -> str:
    """AM or PM in letters; the period of "p.m." is also the full stop when it ends the text."""
    if not half:
        return ""
    ends_text = match[0].endswith(".") and match.end() == len(match.string.rstrip())
    return f" {half.upper()}M{'.' if ends_text else ''}"
