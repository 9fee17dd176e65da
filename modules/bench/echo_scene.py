"""What the microphone hears while the assistant speaks in a room, alone or together with a user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.resample import resample
from modules.bench.acoustics import Room, active_level

PLAYED_DB = -20.0
"""Level of what is played, relative to full scale."""

_DEVICE_RATE = 48_000
_ORIGIN = 100.0
"""Monotonic time at which the scenes begin."""
_PAUSE_SECONDS = 0.3
"""Between the sentences that are played: it hardly ever stops speaking."""
_NEAR_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """Something that the user says."""

    audio: AudioChunk
    """16 kHz."""
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class EchoScene:
    """Sounds at 16 kHz, all of the same length and with the same beginning."""

    played: Samples
    """What is handed to the speaker."""
    captured: Samples
    """What the microphone hears."""
    near: Samples
    """What it hears of the user."""
    spans: tuple[tuple[int, int], ...]
    """First sample and end of each utterance."""


class PlayedReference:
    """A `PlaybackReference` at 48 kHz of something that begins at `_ORIGIN`.

    Args:
        played: What is played, 16 kHz.
    """

    def __init__(self, played: Samples) -> None:
        self._played = resample(AudioChunk(played, SPEECH_RATE), _DEVICE_RATE).samples

    def read(self, begin: float, end: float) -> AudioChunk:
        """What is heard between two times; zeros before and after the scene."""
        first, last = round((begin - _ORIGIN) * _DEVICE_RATE), round((end - _ORIGIN) * _DEVICE_RATE)
        heard = np.zeros(max(0, last - first), np.float32)
        known = self._played[max(0, first) : max(0, last)]
        at = max(0, -first)
        heard[at : at + known.shape[0]] = known[: max(0, heard.shape[0] - at)]
        return AudioChunk(heard, _DEVICE_RATE, first, begin)


def chunks(captured: Samples) -> list[AudioChunk]:
    """Pieces of 20 ms, as from a microphone, with the time at which they are captured."""
    size = SPEECH_RATE // 50
    return [
        AudioChunk(captured[at : at + size], SPEECH_RATE, at, _ORIGIN + at / SPEECH_RATE)
        for at in range(0, captured.shape[0], size)
    ]


def far_only(room: Room, far: Sequence[AudioChunk], seed: int) -> EchoScene:
    """The assistant says everything once, and nobody else speaks."""
    played = _spoken(far)
    return EchoScene(played, room.stream(SPEECH_RATE, seed).feed(played), np.zeros_like(played), ())


def double_talk(
    room: Room, far: Sequence[AudioChunk], near: Sequence[Utterance], near_db: float, warm_up: float, seed: int
) -> EchoScene:
    """The assistant goes on speaking while the user says everything once, from `warm_up` seconds on.

    Args:
        room: Between loudspeaker and microphone; the user is close to the microphone.
        far: What the assistant says, again and again.
        near: What the user says.
        near_db: Level of the user at the microphone relative to that of the echo.
        warm_up: Seconds.
        seed: Of the room.
    """
    spans: list[tuple[int, int]] = []
    at = round(warm_up * SPEECH_RATE)
    for utterance in near:
        spans.append((at, at + utterance.audio.frames))
        at += utterance.audio.frames + round(_NEAR_PAUSE_SECONDS * SPEECH_RATE)
    played = np.resize(_spoken(far), at)
    echo = room.stream(SPEECH_RATE, seed).feed(played)
    voices: Samples = np.zeros(at, np.float32)
    level = active_level(echo, SPEECH_RATE) + near_db
    for (first, last), utterance in zip(spans, near, strict=True):
        voices[first:last] = _at_level(utterance.audio.samples, level)
    return EchoScene(played, echo + voices, voices, tuple(spans))


def _spoken(far: Sequence[AudioChunk]) -> Samples:
    pause: Samples = np.zeros(round(_PAUSE_SECONDS * SPEECH_RATE), np.float32)
    return np.concatenate([part for chunk in far for part in (_at_level(chunk.samples, PLAYED_DB), pause)])


def _at_level(samples: Samples, decibels: float) -> Samples:
    scaled: Samples = (samples * 10.0 ** ((decibels - active_level(samples, SPEECH_RATE)) / 20.0)).astype(np.float32)
    return scaled
