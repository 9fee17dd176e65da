"""The table of speech recognition engines."""

from __future__ import annotations

from modules.registry import Registry
from modules.stt.base import Transcriber

TRANSCRIBERS: Registry[Transcriber] = Registry(
    "speech recognition engine",
    {
        "faster-whisper": "modules.stt.whisper:WhisperTranscriber",
        "moonshine": "modules.stt.moonshine:MoonshineTranscriber",
    },
)
