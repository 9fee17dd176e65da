"""Builds what it takes to leave the microphone open; a part of the composition root."""

from __future__ import annotations

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
    """Whether the microphone cannot hear the speaker, because that is a headset; blocks for 10 ms to 1 s.

    Asked only where the settings leave it to Arvis whether echo is cancelled.
    """
    from modules.audio.headset import is_headset

    return settings.audio.echo_cancellation == "auto" and is_headset(settings.audio.output_device)


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
    return WAKE_WORD_DETECTORS.create(wake.engine, model=wake.model, threshold=wake.threshold, cooldown=wake.cooldown)


def build_ears(settings: Settings) -> EarParts:
    """Everything for hands-free, wake word and barge-in; no engine is loaded yet, but the sound system may be."""
    isolated = is_isolated(settings)
    return EarParts(
        vad=build_vad(settings),
        canceller=None if isolated else build_echo_canceller(settings),
        isolated=isolated,
        endpoint_model=build_endpoint_model(settings),
        wake=build_wake_word(settings),
        threshold=settings.vad.threshold,
    )
