from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, Samples
from modules.tts.handover import HELD_SECONDS, LEAD_SECONDS, HeldSound, fade, is_silent, splice
from tests.unit.modules.tts.test_alignment import reading

RATE = 1000


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def sound(milliseconds: int) -> Samples:
    return np.full(milliseconds, 0.5, np.float32)


@pytest.fixture
def time() -> Time:
    return Time()


def test_the_end_of_sound_that_comes_early_is_kept_back(time: Time) -> None:
    held = HeldSound(RATE, time)
    assert held.feed(sound(2000)).frames == 2000 - HELD_SECONDS * RATE
    assert held.kept.size == HELD_SECONDS * RATE
    rest = held.finish()
    assert (rest.frame_index, rest.frames) == (1600, 400)
    assert held.kept.size == 0
    assert held.given.size == 2000


def test_the_first_sound_is_never_kept_back(time: Time) -> None:
    held = HeldSound(RATE, time)
    assert [held.feed(sound(100)).frames for _ in range(4)] == [100, 100, 100, 0]
    assert held.kept.size == 100


def test_nothing_is_kept_from_one_who_hears_it_as_it_is_made(time: Time) -> None:
    held = HeldSound(RATE, time)
    for _ in range(20):
        assert held.feed(sound(100)).frames == 100
        time.now += 0.1
    assert held.finish().frames == 0


def test_what_is_passed_on_early_leaves_the_listener_time(time: Time) -> None:
    held = HeldSound(RATE, time)
    given, leads = 0, []
    for _ in range(50):
        given += held.feed(sound(100)).frames
        leads.append(given / RATE - time.now)
        time.now += 0.05
    assert min(leads[6:]) >= LEAD_SECONDS - 0.001
    assert held.kept.size == HELD_SECONDS * RATE
    assert held.begun


def test_places_are_counted_without_gaps(time: Time) -> None:
    held = HeldSound(RATE, time)
    chunks = [
        held.feed(sound(700)),
        held.feed(sound(0)),
        held.feed(sound(700)),
        held.finish(cut=100),
        held.add(sound(5)),
    ]
    ends = np.cumsum([0, *(chunk.frames for chunk in chunks)])
    assert [chunk.frame_index for chunk in chunks] == list(ends[:-1])
    assert held.given.size == ends[-1]


def test_a_cut_is_faded_out(time: Time) -> None:
    held = HeldSound(RATE, time)
    held.feed(sound(2000))
    rest = held.finish(cut=100).samples
    assert (rest.size, float(rest[-1])) == (100, 0.0)
    assert float(rest[50]) == 0.5


def test_a_fade_changes_one_end_only() -> None:
    assert fade(sound(100), RATE)[[0, 50, 99]].tolist() == [0.0, 0.5, 0.5]
    assert fade(sound(100), RATE, ends=True)[[0, 50, 99]].tolist() == [0.5, 0.5, 0.0]
    assert fade(sound(0), RATE).size == 0


def test_silence_is_what_cannot_be_heard() -> None:
    assert is_silent(np.full(10, 0.004, np.float32))
    assert is_silent(np.zeros(0, np.float32))
    assert not is_silent(np.array([0.0, -0.1], np.float32))


def _gap(samples: Samples, at: float) -> Samples:
    """The sound with 60 ms of silence at a time."""
    start = round(at * SPEECH_RATE)
    quiet = samples.copy()
    quiet[start : start + round(0.06 * SPEECH_RATE)] *= 0.001
    return quiet


def test_the_other_voice_goes_on_at_a_gap_in_what_was_kept() -> None:
    first = _gap(reading([0.3, 0.3, 0.3, 0.3]), 0.84)
    second = _gap(reading([0.4] * 7), 1.14)
    kept = round(0.4 * SPEECH_RATE)
    left, rest = splice(first[:-kept], first[-kept:], second, SPEECH_RATE)
    assert left / SPEECH_RATE == pytest.approx(0.07, abs=0.05)
    assert rest.size / SPEECH_RATE == pytest.approx(2.8 - 1.17, abs=0.07)


def test_with_nothing_kept_it_goes_on_at_the_very_place() -> None:
    first, second = reading([0.3, 0.3, 0.15]), reading([0.4] * 7)
    nothing = np.zeros(0, np.float32)
    left, rest = splice(first, nothing, second, SPEECH_RATE)
    assert left == 0
    assert rest.size / SPEECH_RATE == pytest.approx(2.8 - 1.0, abs=0.12)


def test_silence_before_the_words_is_not_counted() -> None:
    pause = np.zeros(round(0.5 * SPEECH_RATE), np.float32)
    first = np.concatenate([pause, reading([0.3, 0.3, 0.15])])
    second = np.concatenate([pause[:1000], reading([0.4] * 7)])
    _, rest = splice(first, np.zeros(0, np.float32), second, SPEECH_RATE)
    assert rest.size / SPEECH_RATE == pytest.approx(2.8 - 1.0, abs=0.12)


@pytest.mark.parametrize("given", [np.zeros(0, np.float32), np.zeros(9000, np.float32), reading([0.25])])
def test_when_next_to_nothing_was_heard_the_whole_clause_is_said(given: Samples) -> None:
    second = reading([0.3] * 7)
    left, rest = splice(given, np.zeros(0, np.float32), second, SPEECH_RATE)
    assert left == 0
    assert rest.size == second.size


def test_any_rate_will_do() -> None:
    first, second = reading([0.3, 0.3, 0.15])[::2], reading([0.4] * 7)[::2]
    _, rest = splice(first, np.zeros(0, np.float32), second, SPEECH_RATE // 2)
    assert rest.size / (SPEECH_RATE // 2) == pytest.approx(2.8 - 1.0, abs=0.15)
