from __future__ import annotations

import pytest

from modules.tts.normalizer import normalize


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("R&D", "R and D"),
        ("AT&T", "A.T and T"),
        ("fish & chips", "fish and chips"),
        ("C++ and C#", "C plus plus and C sharp"),
        ("a+b=c", "a plus b equals c"),
        ("x^2 and y² and z³", "x squared and y squared and z cubed"),
        ("x^n", "x to the power of n"),
        ("A → B", "A to B"),
        ("A -> B => C", "A to B to C"),
        ("TCP/IP", "TCP IP"),
        ("~5", "about five"),
        ("5 < 6", "five less than six"),
        ("3 * 4", "three times four"),
        ("yes -- no", "yes — no"),
        ("snake_case", "snake case"),
        ("[x] {y} | z \\ ©", "x y z"),
        ("100 %", "one hundred percent"),
    ],
)
def test_symbols_are_spoken(written: str, spoken: str) -> None:
    assert normalize(written) == spoken
