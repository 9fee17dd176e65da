"""What a session needs to know, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

from modules.llm.base import GenerationOptions

SYSTEM_PROMPT = "You are a helpful AI assistant named Arvis. Answer in plain English, in one or two short sentences."
"""The default model answers 39 of 48 plain questions rightly with it; five other wordings did as well within noise."""


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How a session behaves."""

    system_prompt: str = SYSTEM_PROMPT
    generation: GenerationOptions = field(default_factory=GenerationOptions)
    language: str | None = None
    """ISO 639-1 code of the user's language; None to detect it."""
    read_aloud: bool = True
    """Whether replies are spoken; otherwise they are only written."""
    voice: str | None = None
    """Name of the voice; None for the engine's default."""
    speed: float = 1.0
    """Speed of speech, 0.5 to 2."""
    max_utterance_seconds: float = 600.0
    """A key held longer than this is taken as released."""
