from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.tts.normalizer.numerals import cardinal, digits, number, ordinal, pairs, year


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "zero"), (21, "twenty-one"), (105, "one hundred five"), (1_234, "one thousand two hundred thirty-four")],
)
def test_cardinals_have_no_comma_and_no_and(value: int, words: str) -> None:
    assert cardinal(value) == words


@pytest.mark.parametrize(("value", "words"), [(1, "first"), (22, "twenty-second"), (103, "one hundred third")])
def test_ordinals(value: int, words: str) -> None:
    assert ordinal(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1066, "ten sixty-six"),
        (1900, "nineteen hundred"),
        (1905, "nineteen oh five"),
        (1984, "nineteen eighty-four"),
        (2000, "two thousand"),
        (2005, "two thousand five"),
        (2024, "twenty twenty-four"),
    ],
)
def test_years(value: int, words: str) -> None:
    assert year(value) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("7", "seven"),
        ("1,234", "one thousand two hundred thirty-four"),
        ("3.05", "three point zero five"),
        ("007", "zero zero seven"),
        ("0.5", "zero point five"),
        ("1234567890123456", "one two three four five six seven eight nine zero one two three four five six"),
    ],
)
def test_numbers_as_written(text: str, words: str) -> None:
    assert number(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1080", "ten eighty"),
        ("320", "three twenty"),
        ("101", "one oh one"),
        ("4500", "forty-five hundred"),
        ("042", "zero four two"),
        ("12345", "one two three four five"),
    ],
)
def test_numbers_in_names(text: str, words: str) -> None:
    assert pairs(text) == words


def test_digits_leave_out_what_is_none() -> None:
    assert digits("(0) 4-2") == "zero four two"


@given(st.integers(0, 10**15 - 1))
def test_every_number_becomes_words(value: int) -> None:
    assert set(number(str(value))) <= set("abcdefghijklmnopqrstuvwxyz -")
