"""Checks of microphone and speaker: each is really opened and used for a moment."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, cast

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, AudioError, AudioOutput, AudioSource
from modules.health.base import CheckResult, Status

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

_WITHOUT_MICROPHONE = "Recordings and typed text still work: arvis ask --audio FILE"
_WITHOUT_SPEAKER = "Answers can still be read and saved: arvis ask --save FILE"
SILENCE_SECONDS = 0.1
LISTEN_SECONDS = 0.3


async def check_microphone(source: AudioSource) -> CheckResult:
    """Listen for a third of a second."""
    name = "Microphone"
    try:
        try:
            await source.open()
            loudest = await _loudest(source)
        finally:
            await source.close()
    except AudioError as error:
        return CheckResult(name, Status.DEGRADED, error.message, _WITHOUT_MICROPHONE)
    if loudest is None:
        return CheckResult(name, Status.DEGRADED, "The microphone delivers no sound.", _WITHOUT_MICROPHONE)
    figures = {"peak": round(loudest, 4)}
    if loudest == 0.0:
        return CheckResult(
            name,
            Status.DEGRADED,
            "The microphone delivers nothing but digital silence.",
            "Unmute it in the sound settings of the system.",
            figures,
        )
    return CheckResult(name, Status.HEALTHY, "It can be opened and delivers sound.", figures=figures)


async def _loudest(source: AudioSource) -> float | None:
    """The loudest sample, 0 to 1; None when nothing arrives."""
    loudest: float | None = None
    seconds = 0.0
    async with aclosing(cast("AsyncGenerator[AudioChunk, None]", source.chunks())) as chunks:
        async for chunk in chunks:
            loudest = max(loudest or 0.0, float(np.max(np.abs(chunk.samples), initial=0.0)))
            seconds += chunk.seconds
            if seconds >= LISTEN_SECONDS:
                break
    return loudest


async def check_speaker(output: AudioOutput) -> CheckResult:
    """Play a tenth of a second of silence."""
    name = "Speaker"
    silence = AudioChunk(np.zeros(int(SILENCE_SECONDS * SPEECH_RATE), np.float32), SPEECH_RATE)
    try:
        try:
            await output.begin()
            await output.play(silence)
            await output.drain()
        finally:
            await output.close()
    except AudioError as error:
        return CheckResult(name, Status.DEGRADED, error.message, _WITHOUT_SPEAKER)
    return CheckResult(name, Status.HEALTHY, "It can be opened and takes sound.")
