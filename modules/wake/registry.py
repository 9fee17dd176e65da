"""The table of wake word detectors."""

from __future__ import annotations

from modules.registry import Registry
from modules.wake.base import WakeWordDetector

WAKE_WORD_DETECTORS: Registry[WakeWordDetector] = Registry(
    "wake word detector",
    {"openwakeword": "modules.wake.openwakeword:OpenWakeWord"},
)
