"""Calendar dates, spoken."""

from __future__ import annotations

import re

from modules.tts.normalizer.numerals import ordinal, year

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SHORT = {month[:3]: month for month in _MONTHS} | {"Sept": "September"}
_MONTH = rf"(?:{'|'.join(_MONTHS)}|(?:{'|'.join(sorted(_SHORT, key=len, reverse=True))})\b\.?)"
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th)?(?![0-9A-Za-z])"
_YEAR = r"(?:(,? )((?:1[0-9]|20)[0-9]{2})(?![\w%-]|[.,:][0-9]))?"

_ISO = re.compile(
    r"(?<![\w.-])([12][0-9]{3})-([01][0-9])-([0-3][0-9])"
    r"(?:T([0-2][0-9]:[0-5][0-9])(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?!\w)|(?![\w-]|\.[0-9]))"
)
_SLASHED = re.compile(r"(?<![\w/.])([0-9]{1,2})/([0-9]{1,2})/([12][0-9]{3})(?![\w/])")
_POINTED = re.compile(r"(?<![\w.])([0-9]{1,2})\.([0-9]{1,2})\.([12][0-9]{3})(?![\w]|\.[0-9])")
_MONTH_FIRST = re.compile(rf"\b({_MONTH}) {_DAY}(?![:%]|[.,][0-9]|/)(?:\s?[-–]\s?{_DAY})?{_YEAR}")
_DAY_FIRST = re.compile(rf"(?<![\w.,:/-])(the )?{_DAY}(?: of)? ({_MONTH})(?!\w){_YEAR}")


def speak(text: str) -> str:
    """Put dates into words: 2024-03-05 -> March fifth, twenty twenty-four."""
    text = _ISO.sub(_iso, text)
    text = _SLASHED.sub(_slashed, text)
    text = _POINTED.sub(lambda match: _numeric(match, match[3], match[2], match[1]), text)
    text = _MONTH_FIRST.sub(_month_first, text)
    return _DAY_FIRST.sub(_day_first, text)


def _numeric(match: re.Match[str], years: str, month: str, day: str) -> str:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return match[0]
    return f"{_MONTHS[int(month) - 1]} {ordinal(int(day))}, {year(int(years))}"


def _iso(match: re.Match[str]) -> str:
    """Seconds and time zone are dropped; the time itself is left to the step for times."""
    years, month, day, time = match.groups()
    return _numeric(match, years, month, day) + (f" at {time}" if time else "")


def _slashed(match: re.Match[str]) -> str:
    """Month first, as Americans write, unless only the second number can be the month."""
    first, second = match[1], match[2]
    month, day = (first, second) if int(first) <= 12 else (second, first)
    return _numeric(match, match[3], month, day)


def _full(month: str) -> str:
    short = month.rstrip(".")
    return _SHORT.get(short, short)


def _spoken_year(separator: str | None, years: str | None) -> str:
    return f"{separator}{year(int(years))}" if separator and years else ""


def _month_first(match: re.Match[str]) -> str:
    month, day, last_day, separator, years = match.groups()
    if not 1 <= int(day) <= 31:
        return match[0]
    until = f" to {ordinal(int(last_day))}" if last_day and 1 <= int(last_day) <= 31 else ""
    if last_day and not until:
        return match[0]
    return f"{_full(month)} {ordinal(int(day))}{until}{_spoken_year(separator, years)}"


def _day_first(match: re.Match[str]) -> str:
    _, day, month, separator, years = match.groups()
    if not 1 <= int(day) <= 31:
        return match[0]
    ends_text = month.endswith(".") and not years and match.end() == len(match.string.rstrip())
    return f"the {ordinal(int(day))} of {_full(month)}{_spoken_year(separator, years)}{'.' if ends_text else ''}"
