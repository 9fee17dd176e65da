"""Checks of microphone and speaker: each is opened and used for a moment, or only looked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, AudioError, AudioOutput, AudioSource
from modules.audio.devices import AudioDevice
from modules.health.base import Finding, Status

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

WITHOUT_MICROPHONE = "Recordings and typed text still work: arvis ask --audio FILE"
WITHOUT_SPEAKER = "Answers can still be read and saved: arvis ask --save FILE"
SILENCE_SECONDS = 0.1
LISTEN_SECONDS = 0.3
_UNMUTE = "Unmute it in the sound settings of the system."


async def check_microphone(source: AudioSource) -> Finding:
    """Listen for a third of a second; nothing of it is kept."""
    try:
        try:
            await source.open()
            loudest = await _loudest(source)
        finally:
            await source.close()
    except AudioError as error:
        return Finding(Status.UNHEALTHY, error.message, WITHOUT_MICROPHONE)
    if loudest is None:
        return Finding(Status.UNHEALTHY, "The microphone delivers no sound.", WITHOUT_MICROPHONE)
    figures = {"peak": round(loudest, 4)}
    if loudest == 0.0:
        return Finding(
            Status.DEGRADED,
            "The microphone delivers nothing but digital silence: it is silent, or muted by the system.",
            _UNMUTE,
            figures,
        )
    return Finding(Status.HEALTHY, "It can be opened and delivers sound.", figures=figures)


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


async def check_speaker(output: AudioOutput) -> Finding:
    """Play a tenth of a second of silence."""
    silence = AudioChunk(np.zeros(int(SILENCE_SECONDS * SPEECH_RATE), np.float32), SPEECH_RATE)
    try:
        try:
            await output.begin()
            await output.play(silence)
            await output.drain()
        finally:
            await output.close()
    except AudioError as error:
        return Finding(Status.UNHEALTHY, error.message, WITHOUT_SPEAKER)
    return Finding(Status.HEALTHY, "It can be opened and takes sound.")


def check_presence(find: Callable[[], AudioDevice], without: str, *, is_silent: bool = False) -> Finding:
    """Whether the device is there; it is not opened.

    Args:
        find: Looks for it; raises AudioError when it is not there.
        without: What works without it.
        is_silent: Whether a microphone is known to have given nothing but zeros when it was last in use.
    """
    try:
        device = find()
    except AudioError as error:
        return Finding(Status.UNHEALTHY, error.message, without)
    if is_silent:
        return Finding(Status.DEGRADED, f"{device.name} is there, but it is silent, or muted by the system.", _UNMUTE)
    return Finding(Status.HEALTHY, f"{device.name} is there.")
