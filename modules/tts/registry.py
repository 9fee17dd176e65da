"""The voice engines, in the order of preference."""

from __future__ import annotations

from modules.registry import Registry
from modules.tts.base import Synthesizer

SYNTHESIZERS: Registry[Synthesizer] = Registry(
    "voice engine",
    {
        "hibari": "modules.tts.hibari:HibariSynthesizer",
        "piper": "modules.tts.piper:PiperSynthesizer",
        "espeak-ng": "modules.tts.espeak:EspeakSynthesizer",
    },
)
"""Every engine takes `voice`, the name of its default voice; empty for its own choice."""
