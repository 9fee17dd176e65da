"""What the engines of an open microphone have to do in a check."""

from __future__ import annotations

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.level import decibels
from modules.echo.base import EchoCanceller
from modules.endpointing.base import EndpointModel
from modules.health.base import HealthError
from modules.health.engines import Trial
from modules.wake.base import WakeWordDetector

ECHO_SECONDS = 4.0
"""Speech that comes back from the speaker; an adaptive filter needs the first half of it."""
ECHO_DELAY = 0.06
"""Seconds from the speaker to the microphone."""
ECHO_GAIN = 0.5
LEAST_DB = 10.0
"""Decibels below which what remains of an echo is taken for the user's voice."""
SILENCE_SECONDS = 0.8
_STEP = SPEECH_RATE // 50
_BEGIN = 100.0


class _Played:
    """A `PlaybackReference` to one recording (16 kHz), which begins at `_BEGIN`."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def read(self, begin: float, end: float) -> AudioChunk:
        first, last = (round((time - _BEGIN) * SPEECH_RATE) for time in (begin, end))
        wanted = np.zeros(max(0, last - first), np.float32)
        known = self._samples[max(0, first) : max(0, last)]
        wanted[max(0, -first) : max(0, -first) + known.shape[0]] = known
        return AudioChunk(wanted, SPEECH_RATE, time=begin)


async def cancel_echo(canceller: EchoCanceller, speech: AudioChunk) -> Trial:
    """Take a recording (16 kHz) out of its own echo."""
    played = np.resize(speech.samples, round(ECHO_SECONDS * SPEECH_RATE))
    delay = round(ECHO_DELAY * SPEECH_RATE)
    echo = (ECHO_GAIN * np.concatenate((np.zeros(delay, np.float32), played[:-delay]))).astype(np.float32)
    stream = canceller.open(_Played(played))
    clean: list[Samples] = []
    for first in range(0, echo.shape[0], _STEP):
        chunk = AudioChunk(echo[first : first + _STEP], SPEECH_RATE, first, _BEGIN + first / SPEECH_RATE)
        clean += [out.samples for out in stream.feed(chunk)]
    settled = echo.shape[0] // 2
    removed = decibels(echo[settled:]) - decibels(np.concatenate(clean)[settled:])
    if removed < LEAST_DB:
        raise HealthError("echo-left", f"It takes away only {removed:.0f} dB of an echo.")
    return Trial(f"takes {min(removed, 99.0):.0f} dB of an echo away")


async def judge(model: EndpointModel, speech: AudioChunk) -> Trial:
    """Judge whether a recording (16 kHz) of somebody who finishes, and then is silent, is complete."""
    silence = np.zeros(round(SILENCE_SECONDS * SPEECH_RATE), np.float32)
    heard = np.concatenate((speech.samples, silence))[-round(model.seconds * SPEECH_RATE) :]
    probability = await model.completeness(AudioChunk(heard, SPEECH_RATE))
    if not 0.0 <= probability <= 1.0:
        raise HealthError("no-judgement", f"It gives {probability:g}, which is no probability.")
    return Trial(f"takes a finished sentence for finished with {probability:.0%}")


async def stay_asleep(detector: WakeWordDetector, speech: AudioChunk) -> Trial:
    """Listen to a recording (16 kHz) without the wake phrase."""
    stream = detector.open()
    for first in range(0, speech.frames, _STEP):
        chunk = AudioChunk(speech.samples[first : first + _STEP], SPEECH_RATE, first)
        if stream.feed(chunk):
            raise HealthError("false-alarm", "It takes other words for the wake phrase; raise wake.threshold.")
    return Trial(f'waits for "{detector.phrases[0]}" and is not woken by other words')
