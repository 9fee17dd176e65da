from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.stt.guards import collapse, repeats

WORDS = st.lists(st.integers(0, 3), max_size=30)


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        [1],
        [1, 1],
        [1, 2, 1, 2],
        [1, 2, 3, 4, 5],
        [1, 2, 3, 9, 1, 2, 3],
        [7, 1, 2, 7, 1, 3, 7, 1, 4],
    ],
)
def test_what_people_say_is_no_repetition(tokens: list[int]) -> None:
    assert not repeats(tokens)
    assert collapse(tokens) == tokens


@pytest.mark.parametrize(
    ("tokens", "rest"),
    [
        ([1, 2, 3, 1, 2, 3], [1, 2, 3]),
        ([8, 1, 2, 3, 4, 1, 2, 3, 4, 9], [8, 1, 2, 3, 4, 9]),
        ([5, 5, 5], [5]),
        ([1, 2, 1, 2, 1, 2, 3], [1, 2, 3]),
        ([1, 2, 3] * 60 + [1, 2], [1, 2, 3, 1, 2]),
    ],
)
def test_a_phrase_twice_or_a_word_three_times_is_reduced(tokens: list[int], rest: list[int]) -> None:
    assert repeats(tokens)
    assert collapse(tokens) == rest


@given(WORDS)
def test_collapsing_only_drops_and_keeps_the_first_and_all_kinds(tokens: list[int]) -> None:
    kept = collapse(tokens)
    assert set(kept) == set(tokens)
    assert kept[:1] == tokens[:1]
    assert len(kept) <= len(tokens)
