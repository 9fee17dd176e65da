from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.audio.base import Samples
from modules.tts.silence import FADE_SECONDS, LEAD_SECONDS, TAIL_SECONDS, THRESHOLD, SilenceTrimmer

RATE = 24_000
LEAD, TAIL, FADE = (round(seconds * RATE) for seconds in (LEAD_SECONDS, TAIL_SECONDS, FADE_SECONDS))


def _clip(silent_before: float, sound: float, silent_after: float) -> Samples:
    """Seconds of silence, a tone, and silence; the tone's first and last samples are loud."""
    tone = np.full(round(sound * RATE), 0.5, np.float32)
    before, after = (np.zeros(round(seconds * RATE), np.float32) for seconds in (silent_before, silent_after))
    return np.concatenate([before, tone, after])


def _trimmed(chunks: list[Samples]) -> Samples:
    trimmer = SilenceTrimmer(RATE)
    return np.concatenate([*(trimmer.feed(chunk) for chunk in chunks), trimmer.finish()])


def test_silence_at_both_ends_is_cut_to_a_margin() -> None:
    samples = _trimmed([_clip(0.3, 0.5, 0.4)])
    assert samples.size == LEAD + round(0.5 * RATE) + TAIL
    assert np.flatnonzero(np.abs(samples) > THRESHOLD)[0] <= LEAD + 1


def test_silence_within_stays() -> None:
    clip = np.concatenate([_clip(0.3, 0.2, 0.25), _clip(0.0, 0.2, 0.3)])
    assert _trimmed([clip]).size == LEAD + round(0.65 * RATE) + TAIL


def test_the_ends_are_faded() -> None:
    samples = _trimmed([_clip(0.0, 0.5, 0.0)])
    assert samples[0] == 0.0
    assert samples[-1] == 0.0
    assert np.abs(np.diff(samples)).max() < 0.6 / FADE
    assert np.all(samples[FADE:-FADE] == 0.5)


def test_sound_is_given_away_before_the_clip_ends() -> None:
    ready = SilenceTrimmer(RATE).feed(_clip(0.3, 0.5, 0.0))
    assert ready.size == LEAD + round(0.5 * RATE) - FADE


def test_quiet_samples_wait_for_sound() -> None:
    trimmer = SilenceTrimmer(RATE)
    first = trimmer.feed(_clip(0.0, 0.5, 0.3))
    assert trimmer.feed(np.zeros(RATE, np.float32)).size == 0
    resumed = trimmer.feed(_clip(0.0, 0.1, 0.0))
    assert first.size + resumed.size == round(1.9 * RATE) - FADE


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(RATE, np.float32)])
def test_silence_alone_gives_nothing(samples: Samples) -> None:
    assert _trimmed([samples, samples]).size == 0


def test_a_click_too_short_to_fade_twice_comes_at_the_end() -> None:
    trimmer = SilenceTrimmer(RATE)
    click = np.full(10, 0.5, np.float32)
    assert trimmer.feed(click).size == 0
    assert trimmer.finish().size == click.size


def test_the_engines_samples_are_left_as_they_are() -> None:
    clip = _clip(0.1, 0.2, 0.1)
    copy = clip.copy()
    _trimmed([clip])
    assert np.array_equal(clip, copy)


@given(st.lists(st.integers(0, 20_000), max_size=6), st.integers(0, 9000), st.integers(200, 9000), st.integers(0, 9000))
def test_the_chunks_do_not_matter(cuts: list[int], before: int, sound: int, after: int) -> None:
    clip = _clip(before / RATE, sound / RATE, after / RATE)
    places = sorted(min(cut, clip.size) for cut in cuts)
    chunks = [clip[begin:end] for begin, end in zip([0, *places], [*places, clip.size], strict=True)]
    assert np.array_equal(_trimmed(chunks), _trimmed([clip]))
