from __future__ import annotations

import pytest

from modules.bench.words import understood


@pytest.mark.parametrize(
    ("said", "heard", "part"),
    [
        ("Wait, what about tomorrow?", "wait what about tomorrow", 1.0),
        ("go forward ten meters", "Go forward 10 meters.", 0.75),
        ("Don't stop", "dont", 0.5),
        ("one two", "two one", 0.5),
        ("one two", "", 0.0),
        ("", "anything", 1.0),
    ],
)
def test_the_part_of_the_words_that_was_understood(said: str, heard: str, part: float) -> None:
    assert understood(said, heard) == pytest.approx(part)
