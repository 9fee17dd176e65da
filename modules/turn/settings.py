"""What a session needs to know, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from modules.llm.base import GenerationOptions

SYSTEM_PROMPT = "You are a helpful AI assistant named Arvis. Answer in plain English, in one or two short sentences."
"""The default model answers 39 of 48 plain questions rightly with it; five other wordings did as well within noise."""


class ListeningMode(StrEnum):
    """When the session listens without being told to."""

    PUSH_TO_TALK = "push-to-talk"
    """Never: the microphone is open while the key is held, and closed otherwise."""
    HANDS_FREE = "hands-free"
    """Always: the microphone is open, and whatever is said is meant for the assistant."""
    WAKE_WORD = "wake-word"
    """The microphone is open, but only what follows the wake phrase or a reply is meant for the assistant."""


class LiveSettings:
    """The settings that are in force; all parts of a session look here, so that a change reaches them at once."""

    def __init__(self, settings: SessionSettings) -> None:
        self.now = settings


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
    listening: ListeningMode = ListeningMode.PUSH_TO_TALK
    """How the session listens when it begins."""
    debounce_seconds: float | None = None
    """Silence that ends an utterance of an open microphone; None to follow how the user speaks."""
    hands_free_max_seconds: float = 60.0
    """Longest utterance of an open microphone."""
    barge_in: bool = True
    """Whether speaking over a reply ends it."""
    follow_up_seconds: float = 8.0
    """After a reply no wake phrase is needed for so long."""
    earcons: bool = True
    """Whether short sounds tell that the wake phrase was heard, or that nothing was understood."""
    phrase_language: str = "en"
    """ISO 639-1 code of the language whose short answers, fillers and corrections are known."""
