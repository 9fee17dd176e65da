"""Builds what it takes to leave the microphone open; a part of the composition root."""

from __future__ import annotations

from functools import partial

from config.settings import Settings
from modules.echo.base import EchoCanceller
from modules.endpointing.base import EndpointModel
from modules.endpointing.registry import ENDPOINT_MODELS
from modules.turn.parts import EarParts
from modules.vad.base import VoiceActivityDetector
from modules.wake.base import WakeWordDetector
from modules.wake.registry import WAKE_WORD_DETECTORS


def build_vad(settings: Settings) -> VoiceActivityDetector:
    """A voice activity detector."""
    from modules.vad.silero import SileroVad

    return SileroVad(threshold=settings.vad.threshold)


def is_isolated(settings: Settings) -> bool:
    """Whether the microphone cannot hear the speaker now, because that is a headset; may block for some seconds."""
    from modules.audio.headset import is_headset

    return is_headset(settings.audio.output_device)


def build_echo_canceller(settings: Settings) -> EchoCanceller | None:
    """What takes the voice of Arvis out of what the microphone hears; None where the settings do not want it."""
    if settings.audio.echo_cancellation == "off":
        return None
    from modules.echo.webrtc import WebRtcEchoCanceller

    return WebRtcEchoCanceller()


def build_endpoint_model(settings: Settings) -> EndpointModel | None:
    """What judges from the sound of the voice whether a turn is over; None where silence alone decides."""
    return None if settings.endpoint.model == "none" else ENDPOINT_MODELS.create(settings.endpoint.model)


def build_wake_word(settings: Settings) -> WakeWordDetector:
    """What listens for the wake phrase."""
    wake = settings.wake
    return WAKE_WORD_DETECTORS.create(
        wake.engine, model=wake.model, threshold=wake.threshold, cooldown=wake.cooldown_seconds
    )


def build_ears(settings: Settings) -> EarParts:
    """Everything for hands-free, wake word and barge-in; nothing is loaded yet."""
    asks = settings.audio.echo_cancellation == "auto"
    return EarParts(
        vad=build_vad(settings),
        canceller=build_echo_canceller(settings),
        is_isolated=partial(is_isolated, settings) if asks else None,
        endpoint_model=build_endpoint_model(settings),
        wake=build_wake_word(settings),
        threshold=settings.vad.threshold,
    )
