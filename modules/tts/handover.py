"""A clause that one voice begins and another one ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.resample import resample
from modules.tts.alignment import FRAME_SECONDS, align
from modules.tts.silence import THRESHOLD

HELD_SECONDS = 0.4
"""Sound that is kept back, so that the cut can be made in a gap a word or so before the place where the voice failed,
and so that it is known what follows the cut, which makes the place in the other voice twice as sure."""
LEAD_SECONDS = 0.3
"""Nothing is kept back of the first sound, and later only what the listener will not hear before so long."""
FADE_SECONDS = 0.005
SHORTEST_SECONDS = 0.3
"""Less speech than this is too little to be found again; it is a part of a word, and the clause is begun anew."""
_FRAME = round(FRAME_SECONDS * SPEECH_RATE)
_SEARCH_BACK, _SEARCH_ON = 8, 2
"""Frames around the place where the other voice goes on, when nothing was kept back: better a sound twice than none."""
_LATE = 0.15
"""Part of the level of speech that the very end of what was kept back is worse by: of what follows it too little is
known."""


class HeldSound:
    """Passes the sound of a clause on and keeps its end back, as far as that delays nothing.

    Args:
        rate: Sample rate of the sound in hertz.
        clock: Monotonic seconds.
    """

    def __init__(self, rate: int, clock: Callable[[], float]) -> None:
        self.rate = rate
        self._clock = clock
        self._began: float | None = None
        self._kept: Samples = np.zeros(0, np.float32)
        self._given: list[Samples] = []
        self._frames = 0

    @property
    def begun(self) -> bool:
        """Whether any of it was passed on."""
        return self._frames > 0

    @property
    def given(self) -> Samples:
        """What was passed on."""
        return np.concatenate([np.zeros(0, np.float32), *self._given])

    @property
    def kept(self) -> Samples:
        """What is kept back."""
        return self._kept

    def feed(self, samples: Samples) -> AudioChunk:
        """Take sound; return what can be passed on now, which may be empty."""
        if samples.size and self._began is None:
            self._began = self._clock()
        known = np.concatenate([self._kept, samples])
        return self._pass_on(known, max(0, known.size - self._spare(known.size)))

    def finish(self, *, cut: int | None = None) -> AudioChunk:
        """No more comes: the rest, or as many samples of it as are given by `cut`, faded out there."""
        rest = self._kept if cut is None else fade(self._kept[:cut], self.rate, ends=True)
        return self._pass_on(rest, rest.size)

    def add(self, samples: Samples) -> AudioChunk:
        """Pass sound on as it is."""
        return self._pass_on(samples, samples.size)

    def _spare(self, size: int) -> int:
        """How many of the samples the listener will not hear soon."""
        heard = self._clock() - (self._began or 0.0) if self._began is not None else 0.0
        ahead = (self._frames + size) / self.rate - heard
        return round(min(max(ahead - LEAD_SECONDS, 0.0), HELD_SECONDS) * self.rate)

    def _pass_on(self, known: Samples, count: int) -> AudioChunk:
        chunk = AudioChunk(known[:count], self.rate, self._frames)
        self._kept = known[count:]
        self._frames += count
        if count:
            self._given.append(chunk.samples)
        return chunk


def splice(given: Samples, kept: Samples, successor: Samples, rate: int) -> tuple[int, Samples]:
    """Where to leave a voice that broke off, and what another one has to say after that.

    Args:
        given: The beginning of the clause, which cannot be taken back.
        kept: What follows it; may be empty.
        successor: All of the clause in the other voice.
        rate: Of all of them, in hertz.

    Returns:
        How many samples of `kept` are still to be heard, and the rest of the clause in the other voice.
    """
    before = np.concatenate([given, kept])
    lead, other_lead = _onset(before), _onset(successor)
    if before.size - lead < SHORTEST_SECONDS * rate or other_lead == successor.size:
        return 0, successor
    one, other = (
        resample(AudioChunk(sound, rate), SPEECH_RATE).samples for sound in (before[lead:], successor[other_lead:])
    )
    frames = align(one, other).frames
    levels, other_levels = _levels(one, len(frames)), _levels(other, len(other) // _FRAME + 1)
    scale = rate / SPEECH_RATE * _FRAME
    first = max(0, int((given.size - lead) / scale) + 1)
    if first >= len(frames):
        place = _quiet_place(other_levels, int(frames[-1]))
        return kept.size, fade(successor[other_lead + round(place * scale) :], rate)
    choices = range(first, len(frames))
    lateness = np.clip((np.arange(first, len(frames)) - len(frames)) / _SEARCH_BACK + 1.0, 0.0, 1.0)
    costs = levels[first:] + other_levels[frames[first:]] + _LATE * lateness
    cut = choices[int(np.argmin(costs))]
    left = lead + round(cut * scale) - given.size
    return min(max(left, 0), kept.size), fade(successor[other_lead + round(int(frames[cut]) * scale) :], rate)


def fade(samples: Samples, rate: int, *, ends: bool = False) -> Samples:
    """The samples, faded in; or else faded out at their end."""
    length = min(round(FADE_SECONDS * rate), samples.size)
    ramp = np.ones(samples.size, np.float32)
    ramp[:length] = np.linspace(0.0, 1.0, length, dtype=np.float32)
    return samples * (ramp[::-1] if ends else ramp)


def is_silent(samples: Samples) -> bool:
    """Whether nothing is to be heard."""
    return not np.any(np.abs(samples) > THRESHOLD)


def _onset(samples: Samples) -> int:
    """The first sample that is heard; the number of samples when there is none."""
    loud = np.abs(samples) > THRESHOLD
    return int(np.argmax(loud)) if loud.any() else samples.size


def _levels(samples: Samples, frames: int) -> Samples:
    """Root mean square of each frame, 1 for the loudest."""
    padded = np.zeros(frames * _FRAME, np.float32)
    padded[: min(samples.size, padded.size)] = samples[: padded.size]
    levels = np.sqrt(np.square(padded).reshape(frames, _FRAME).mean(axis=1))
    return np.asarray(levels / max(float(levels.max(initial=0.0)), 1e-6), dtype=np.float32)


def _quiet_place(levels: Samples, near: int) -> int:
    """The quietest frame close to another one."""
    first = max(0, near - _SEARCH_BACK)
    return first + int(np.argmin(levels[first : near + _SEARCH_ON + 1]))
