from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.streaming.voice_speed import VoiceSpeed


def _learn(*clauses: tuple[int, float, float, float]) -> VoiceSpeed:
    speed = VoiceSpeed()
    for words, compute, audio, first in clauses:
        speed.add(words, compute, audio, first)
    return speed


def test_nothing_is_known_at_first() -> None:
    speed = VoiceSpeed()
    assert (speed.compute(10), speed.first(10), speed.audio_per_word) == (0.0, 0.0, 0.0)


def test_the_fixed_cost_is_told_from_the_cost_of_a_word() -> None:
    speed = _learn((2, 0.4, 0.8, 0.25), (10, 1.2, 4.0, 0.25), (5, 0.7, 2.0, 0.25))
    assert (speed.compute.fixed, speed.compute.per_word) == pytest.approx((0.2, 0.1))
    assert (speed.first.fixed, speed.first.per_word) == pytest.approx((0.25, 0.0))
    assert speed.audio_per_word == pytest.approx(0.4)
    assert speed.compute(7) == pytest.approx(0.9)


def test_clauses_of_one_length_tell_the_cost_of_a_word_only() -> None:
    assert _learn((4, 0.8, 1.6, 0.4), (4, 0.4, 1.6, 0.4)).compute(8) == pytest.approx(1.2)


def test_what_made_no_sound_teaches_nothing() -> None:
    assert _learn((3, 0.1, 0.0, 0.1), (0, 0.1, 1.0, 0.1), (4, 0.4, 1.6, 0.4)).compute(8) == pytest.approx(0.8)


def test_old_clauses_are_forgotten() -> None:
    slow = [(4, 4.0, 1.6, 4.0)] * 30
    fast = [(4, 0.4, 1.6, 0.4)] * 24
    assert _learn(*slow, *fast).compute(4) == pytest.approx(0.4)


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0, 30), st.floats(0.1, 20), st.floats(0, 30)), min_size=1))
def test_no_cost_is_negative_whatever_was_measured(clauses: list[tuple[int, float, float, float]]) -> None:
    speed = _learn(*clauses)
    for line in (speed.first, speed.compute):
        assert line.fixed >= -1e-9
        assert line.per_word >= 0
