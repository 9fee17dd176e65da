from __future__ import annotations

import math

import pytest

from modules.streaming.promises import PromisedSound
from modules.streaming.voice_speed import VoiceSpeed


@pytest.fixture
def sound() -> PromisedSound:
    """Of a voice that takes 0.1 s a word and needs 0.4 s to say it."""
    speed = VoiceSpeed()
    speed.add(5, 0.5, 2.0, 0.5)
    return PromisedSound(speed)


def test_nothing_was_promised(sound: PromisedSound) -> None:
    assert sound.outlook() == (-math.inf, -math.inf)


def test_clauses_are_made_one_after_the_other_and_heard_without_a_gap(sound: PromisedSound) -> None:
    sound.promise(10, 100.0)
    assert sound.outlook() == pytest.approx((101.0, 105.0))
    sound.promise(20, 100.0)
    assert sound.outlook() == pytest.approx((103.0, 113.0))


def test_a_clause_that_comes_too_late_begins_late(sound: PromisedSound) -> None:
    sound.promise(10, 100.0)
    sound.promise(10, 110.0)
    assert sound.outlook() == pytest.approx((111.0, 115.0))


def test_what_was_made_counts_as_it_was(sound: PromisedSound) -> None:
    sound.promise(10, 100.0)
    sound.promise(5, 100.0)
    assert sound.keep(begun=100.2, audio_seconds=3.0, now=100.5) == 10
    assert sound.outlook() == pytest.approx((101.0, 105.2))
    assert sound.keep(begun=104.0, audio_seconds=1.0, now=104.5) == 5
    assert sound.outlook() == pytest.approx((104.5, 105.0))
