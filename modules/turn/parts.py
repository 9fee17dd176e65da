"""What a session is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modules.audio.base import AudioOutput, AudioSource
from modules.echo.base import EchoCanceller
from modules.endpointing.base import EndpointModel
from modules.llm.base import LanguageModel
from modules.stt.base import StreamingTranscriber
from modules.tts.speech import SpeechRenderer
from modules.vad.base import VoiceActivityDetector
from modules.wake.base import WakeWordDetector


@dataclass(frozen=True, slots=True)
class EarParts:
    """What it takes to listen through an open microphone."""

    vad: VoiceActivityDetector
    canceller: EchoCanceller | None = None
    """None to let the speaker's sound through."""
    is_isolated: Callable[[], bool] | None = None
    """Asks whether the microphone cannot hear the speaker, as with a headset; may block for some seconds. None where it
    always can."""
    endpoint_model: EndpointModel | None = None
    """None to go by the length of silences alone."""
    wake: WakeWordDetector | None = None
    """None where no wake phrase is listened for."""
    threshold: float = 0.5
    """Probability from which sound counts as speech, 0 to 1."""


@dataclass(frozen=True, slots=True)
class SessionParts:
    """The devices and engines of a session."""

    source: AudioSource
    output: AudioOutput
    transcriber: StreamingTranscriber
    model: LanguageModel
    renderer: SpeechRenderer
    ears: EarParts | None = None
    """None for a session that can only be talked to with the key held."""
