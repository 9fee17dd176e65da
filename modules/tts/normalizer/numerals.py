"""English words for numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})++(?![0-9])|[0-9]++)(?:\.[0-9]++)?"
"""Pattern of a number as written: 7, 1,234, 3.5."""

_LONGEST_CARDINAL = 15
"""Digits up to which a number is read as one; longer ones are read digit by digit."""
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@cache
def _num2words() -> Callable[..., str]:
    from num2words import num2words

    return num2words  # type: ignore[no-any-return]  # it has no types


def cardinal(value: int) -> str:
    """123 -> one hundred twenty-three, as Americans say it: without a comma or "and" that could end the number."""
    return _plain(_num2words()(value))


def ordinal(value: int) -> str:
    """23 -> twenty-third."""
    return _plain(_num2words()(value, to="ordinal"))


def year(value: int) -> str:
    """1984 -> nineteen eighty-four, 2005 -> two thousand five."""
    if 2000 <= value < 2010:
        return cardinal(value)
    return _plain(_num2words()(value, to="year")).replace("oh-", "oh ")


def _plain(words: str) -> str:
    return words.replace(",", "").replace(" and ", " ")


def digits(text: str) -> str:
    """007 -> zero zero seven; what is not a digit is left out."""
    return " ".join(_DIGITS[int(digit)] for digit in text if digit in "0123456789")


def pairs(text: str) -> str:
    """Digits as in a name: 1080 -> ten eighty, 320 -> three twenty; others than three or four one by one."""
    head, tail = text[:-2], text[-2:]
    if not 3 <= len(text) <= 4 or text[0] == "0":
        return digits(text)
    if tail == "00":
        return f"{cardinal(int(head))} hundred"
    return f"{cardinal(int(head))} {'oh ' if tail[0] == '0' else ''}{cardinal(int(tail))}"


def number(text: str) -> str:
    """A number that matches `NUMBER`, in words; with leading zeros or very long, digit by digit."""
    whole, _, decimals = text.replace(",", "").partition(".")
    if len(whole) > _LONGEST_CARDINAL or (len(whole) > 1 and whole[0] == "0"):
        words = digits(whole)
    else:
        words = cardinal(int(whole))
    return f"{words} point {digits(decimals)}" if decimals else words


def is_one(text: str) -> bool:
    """Whether the number takes the singular."""
    return text == "1"
