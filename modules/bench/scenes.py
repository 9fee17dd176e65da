"""Scenes: what happens in a simulated room, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from modules.bench.acoustics import Room

SoundKind = Literal["interruption", "stop", "backchannel", "noise", "nothing"]
"""What a sound over a reply means: words that are the next turn; a word that only wants silence; a sign of attention,
a noise, and nothing at all, of which none may end the reply."""

MEANT: frozenset[SoundKind] = frozenset({"interruption", "stop"})
"""Kinds of sounds that must end a reply; no other may."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds that the engines take in virtual time."""

    transcription: float = 0.16
    """A run of the transcriber."""
    endpoint: float = 0.03
    """A look of the model of the end of a turn."""
    first_token: float = 0.06
    """The language model's first token."""
    token: float = 0.008
    """Each further one."""
    first_sound: float = 0.04
    """The voice's first sound of a clause."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Something near the microphone; one of `say`, `file` and `noise` says what, or none of them for silence."""

    name: str
    kind: SoundKind
    say: str = ""
    """Words for a voice."""
    voices: tuple[str, ...] = ()
    """Voice engines that may say it; the first one that works does."""
    pitch: float = 1.0
    """By how much the voice is higher, and as much faster."""
    file: Path | None = None
    begin: float = 0.0
    """Second of the file at which it begins."""
    end: float | None = None
    """Second of the file at which it ends; None for its end."""
    noise: str = ""
    """One of `modules.bench.noises`."""
    seed: int = 0
    louder: float = 0.0
    """Decibels over the level that the scene gives it."""
    words: str = ""
    """What should be understood."""


@dataclass(frozen=True, slots=True)
class BargeInScene:
    """Sounds over the replies of an assistant whose loudspeaker stands in the room."""

    name: str
    seed: int
    rooms: tuple[Room, ...]
    near_db: tuple[float, ...]
    """Levels of the sounds relative to the echo of the assistant's voice, at the microphone."""
    extra_delay_ms: tuple[float, ...]
    """Delays of the loudspeaker that its driver does not report."""
    output_latency_ms: float
    """The delay that it does report."""
    answers: tuple[str, ...]
    """What the assistant says."""
    sounds: tuple[Sound, ...]
    costs: Costs


@dataclass(frozen=True, slots=True)
class SoakScene:
    """The assistant talks, and nobody else does."""

    name: str
    seed: int
    rooms: tuple[Room, ...]
    minutes: float
    """In each room."""
    output_latency_ms: float
    answers: tuple[str, ...]
    costs: Costs


@dataclass(frozen=True, slots=True)
class HandsFreeScene:
    """Recordings of whole utterances, played to an open microphone in real time."""

    name: str
    seed: int
    recordings: tuple[Path, ...]
    pauses: tuple[float, ...]
    """Seconds of silence put into each recording at a gap between words, in a version of its own; 0 for none."""
    noise_db: float
    """Level of the noise of the room relative to full scale."""
    lead: float
    """Seconds of the room before each recording."""
    patience: float
    """Seconds after the end of a recording in which an answer must begin."""


Scene = BargeInScene | SoakScene | HandsFreeScene
