from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest

from modules.streaming.monitor import LLMPerformanceMonitor
from modules.streaming.optimizer import JOINT_WORDS, WHOLE, LLMStreamingOptimizer, Pace
from modules.tts.chunker import FlushSizes
from tests.unit.modules.streaming.simulator import REPLIES, Outcome, Simulation, Speed

VOICES = ((0.005, 0.01, False), (0.05, 0.03, False), (0.3, 0.1, False), (0.5, 0.15, False), (0.01, 0.5, False),
          (0.3, 0.3, True))  # fmt: skip
"""Seconds of work for a second of sound, and for each clause; whether the sound streams within a clause."""
TOKENS_PER_SECOND = (5.0, 8.0, 15.0, 30.0, 200.0)
LIVELY = [Speed(tokens, *voice) for tokens, voice in product(TOKENS_PER_SECOND, VOICES)]
"""Model and voice are faster than speech."""
HOPELESS = [Speed(2.0, 0.05), Speed(2.0, 0.3), Speed(30.0, 1.2), Speed(200.0, 2.3, 1.2, True)]
"""Model or voice is slower than speech."""
BREATHLESS = [Speed(tokens, 0.8, 0.2) for tokens in TOKENS_PER_SECOND]
"""The voice only just keeps up."""


def _name(speed: Speed) -> str:
    return f"{speed.tokens_per_second:g}/s-{speed.rtf}-{speed.overhead}"


def _both(speed: Speed) -> tuple[list[Outcome], list[Outcome]]:
    """Every reply with sizes that stay, and in a session that chooses them by what it has learnt."""
    session = Simulation(speed)
    session.adaptive(REPLIES[0])
    return [Simulation(speed).fixed(text) for text in REPLIES], [session.adaptive(text) for text in REPLIES]


def _mean_first(outcomes: list[Outcome]) -> float:
    return sum(outcome.first_sound for outcome in outcomes) / len(outcomes)


def _gaps(outcomes: list[Outcome]) -> list[float]:
    return [gap for outcome in outcomes for gap in outcome.gaps]


@pytest.mark.parametrize("speed", LIVELY, ids=_name)
def test_there_is_no_more_waiting_than_with_sizes_that_stay(speed: Speed) -> None:
    fixed, adaptive = _both(speed)
    assert len(_gaps(adaptive)) <= len(_gaps(fixed))
    assert sum(_gaps(adaptive)) <= sum(_gaps(fixed)) + 0.01
    assert max(_gaps(adaptive), default=0.0) <= max(_gaps(fixed), default=0.0) + 0.01
    assert _mean_first(adaptive) <= _mean_first(fixed) + 1e-6


def test_in_all_there_is_much_less_of_it() -> None:
    outcomes = [_both(speed) for speed in LIVELY]
    fixed = [gap for one, _ in outcomes for gap in _gaps(one)]
    adaptive = [gap for _, one in outcomes for gap in _gaps(one)]
    assert len(adaptive) <= 0.7 * len(fixed)
    assert sum(adaptive) <= 0.5 * sum(fixed)


@pytest.mark.parametrize("speed", BREATHLESS, ids=_name)
def test_a_voice_that_only_just_keeps_up_waits_half_as_long_in_hardly_more_places(speed: Speed) -> None:
    fixed, adaptive = _both(speed)
    assert len(_gaps(adaptive)) <= len(_gaps(fixed)) + 1
    assert sum(_gaps(adaptive)) <= 0.6 * sum(_gaps(fixed))
    assert _mean_first(adaptive) <= 0.9 * _mean_first(fixed)


@pytest.mark.parametrize("speed", [*LIVELY, *BREATHLESS], ids=_name)
def test_the_first_sound_comes_as_early_as_it_can(speed: Speed) -> None:
    earliest = [Simulation(speed).fixed(text, FlushSizes((1,), JOINT_WORDS)) for text in REPLIES]
    assert _mean_first(_both(speed)[1]) <= 1.1 * _mean_first(earliest)


@pytest.mark.parametrize("speed", HOPELESS, ids=_name)
def test_where_gaps_cannot_be_helped_they_stay_between_sentences(speed: Speed) -> None:
    fixed, adaptive = _both(speed)
    assert [outcome.clauses for outcome in adaptive] == [outcome.clauses for outcome in fixed]


def test_a_fast_model_and_a_fast_voice_get_whole_sentences() -> None:
    fixed, adaptive = _both(Speed(200.0, 0.005, 0.01))
    assert [outcome.clauses for outcome in adaptive] == [outcome.clauses for outcome in fixed]
    assert _gaps(adaptive) == []


@pytest.mark.parametrize("text", REPLIES)
def test_whatever_the_hurry_no_word_is_lost(text: str) -> None:
    for speed in (Speed(5.0, 0.5), Speed(200.0, 0.5)):
        session = Simulation(speed)
        session.adaptive(REPLIES[0])
        assert " ".join(session.adaptive(text).clauses) == text


@dataclass
class Hand:
    """A pace, moved by hand."""

    now: float = 0.0

    def __post_init__(self) -> None:
        self.optimizer = LLMStreamingOptimizer(LLMPerformanceMonitor(lambda: self.now), lambda: self.now)

    def knows(self, *, per_character: float, voice: tuple[float, float]) -> Pace:
        """A reply under way; a word takes 0.4 s to say."""
        with self.optimizer.monitor.generation("m") as generation:
            for _ in range(10):
                generation.token("x")
                self.now += per_character
        for words in (4, 12):
            self.optimizer.spoken(words, voice[0] + voice[1] * words, 0.4 * words)
        return self.optimizer.begin("m")


def test_what_was_never_measured_is_left_as_it_is() -> None:
    pace = LLMStreamingOptimizer(LLMPerformanceMonitor(), lambda: 0.0).begin("m")
    assert pace.sizes(0) == FlushSizes((1,))
    pace.gave(3)
    assert pace.sizes(0) == FlushSizes((5,))
    pace.gave(3)
    assert pace.sizes(0) == FlushSizes((12,))


def test_the_first_clause_of_a_slow_model_may_end_before_a_joint() -> None:
    assert Hand().knows(per_character=0.03, voice=(0.0, 0.01)).sizes(0) == FlushSizes((1,), JOINT_WORDS)
    assert Hand().knows(per_character=0.002, voice=(0.0, 0.01)).sizes(0) == FlushSizes((1,))


def test_the_less_sound_is_left_the_shorter_is_the_next_clause() -> None:
    hand = Hand()
    pace = hand.knows(per_character=0.03, voice=(0.0, 0.1))
    for _ in range(2):
        pace.gave(20)
    pace.spoken(2.0, 8.0)
    pace.spoken(2.0, 8.0)
    sizes = []
    for _ in range(17):
        sizes.append(pace.sizes(0).at_mark[0])
        hand.now += 1.0
    assert sizes[0] == 12
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1
    assert len(set(sizes)) > 3, "not step by step"


def test_a_costly_clause_carries_its_cost() -> None:
    hand = Hand()
    pace = hand.knows(per_character=0.01, voice=(1.0, 0.2))
    pace.gave(1)
    pace.gave(1)
    assert pace.sizes(0).at_mark == (5,), "1 s of fixed cost is 5 words of 0.4 - 0.2 s"


def test_a_model_that_becomes_slow_within_a_reply_is_noticed() -> None:
    hand = Hand()
    pace = hand.knows(per_character=0.001, voice=(0.0, 0.1))
    with pace.generation:
        for _ in range(9):
            hand.now += 0.3
            pace.generation.token("hello ")
        assert pace.sizes(0).at_joint == JOINT_WORDS


def test_sizes_are_those_of_whole_sentences_without_hurry() -> None:
    pace = Hand().knows(per_character=0.0001, voice=(0.0, 0.001))
    pace.gave(20)
    assert pace.sizes(0).at_mark == (WHOLE.at_mark[1],)
