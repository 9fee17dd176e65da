"""What the history keeps of a conversation, as data, and what can go wrong with keeping it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from modules.llm.conversation import Turn
from modules.turn.latency import LatencyRecord
from utils.errors import ArvisError

FILE_NAME = "history.db"
"""Of the history in the folder of Arvis' data."""


class HistoryError(ArvisError):
    """The history cannot be kept, or not be read."""

    stage = "history"


class ConflictError(HistoryError):
    """Somebody else has changed a record since it was read."""


class SoundKind(StrEnum):
    """Whose voice a kept sound is."""

    SAID = "said"
    """The user's."""
    HEARD = "heard"
    """The assistant's."""


@dataclass(frozen=True, slots=True)
class PhaseEntry:
    """That a turn came to a phase."""

    phase: str
    """A `modules.turn.state.Phase`."""
    revision: int
    milliseconds: float
    """Since the turn began."""


@dataclass(frozen=True, slots=True)
class EngineCall:
    """One run of an engine for a turn."""

    stage: str
    """"stt", "llm" or "tts"."""
    engine: str
    """Its name, as in its registry."""
    started: float
    """Unix seconds."""
    milliseconds: float
    error_code: str = ""
    """Empty when it did what was asked."""


@dataclass(frozen=True, slots=True)
class FailureNote:
    """Something did not work. The text is Arvis' own: it quotes nobody."""

    at: float
    """Unix seconds."""
    code: str
    text: str
    turn_number: int | None = None
    """Of the turn that it befell, as far as that is known."""


@dataclass(frozen=True, slots=True)
class SoundNote:
    """A recording that was kept, as a WAV file in the folder of sounds."""

    kind: SoundKind
    file: str
    """Its name in that folder; it tells nothing."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRecord:
    """One exchange."""

    id: int | None = None
    """Of the row, never used again; None for one that is not stored."""
    session: str
    """ID of the session."""
    number: int
    """Its place in the session; not every number exists, as not every turn comes to words."""
    started: float
    """Unix seconds."""
    ended: float | None = None
    """Unix seconds; None for one that is under way, or was when the program died."""
    said: str
    """What the user said or typed."""
    heard: str = ""
    """What the user heard, or read, of the answer."""
    interrupted: bool = False
    """Whether the answer was cut off, be it by the end of the program."""
    typed: bool = False
    spoken: bool = False
    """Whether any of the answer was said aloud."""
    language: str = ""
    """ISO 639-1 code; empty when unknown."""
    trace_id: str = ""
    """What the turn is called in logs and traces."""
    phases: tuple[PhaseEntry, ...] = ()
    latency: LatencyRecord = field(default_factory=LatencyRecord)
    calls: tuple[EngineCall, ...] = ()
    sounds: tuple[SoundNote, ...] = ()
    version: int = 0
    """Counts how often it was stored: whoever stores it must know the last one."""

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.ended is None else max(0.0, self.ended - self.started)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """One conversation, from its first turn until nobody goes on with it."""

    id: str
    """32 hexadecimal digits."""
    started: float
    """Unix seconds."""
    ended: float | None = None
    """Unix seconds; None for one that is under way, or was when the program died."""
    title: str = ""
    """As the user calls it."""
    version: int = 0
    """Counts how often the user has renamed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """A session in a list."""

    session: SessionRecord
    turns: int
    last: float
    """Unix seconds at which its last turn began, or it, if it has none."""
    opening: str
    """The beginning of what was said first."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is kept of a session."""

    session: SessionRecord
    turns: tuple[TurnRecord, ...]
    """The oldest first."""
    failures: tuple[FailureNote, ...]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A turn in which all the words that were looked for are."""

    turn: TurnRecord
    snippet: str
    """The part of it around the first word that was found, on one line."""
    marks: tuple[tuple[int, int], ...]
    """Where the words are in the snippet: from, up to but without."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A conversation that can be gone on with."""

    session: SessionRecord
    turns: tuple[TurnRecord, ...]
    """The last ones, the oldest first."""

    @property
    def conversation(self) -> tuple[Turn, ...]:
        """What the language model is told of it: the turns that were answered."""
        return tuple(Turn(turn.said, turn.heard, turn.interrupted) for turn in self.turns if turn.heard)

    @property
    def last_number(self) -> int:
        """Of its last turn; 0 without one."""
        return max((turn.number for turn in self.turns), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which turns are meant: those that fulfil everything that is given.

    Raises:
        ValueError: Nothing is given, and not everything is meant.
    """

    turns: tuple[int, ...] = ()
    """IDs of turns."""
    sessions: tuple[str, ...] = ()
    """IDs of sessions, which go with their turns."""
    since: float | None = None
    """Unix seconds: turns that began then or later."""
    until: float | None = None
    """Unix seconds: turns that began earlier."""
    everything: bool = False

    def __post_init__(self) -> None:
        given = bool(self.turns or self.sessions) or self.since is not None or self.until is not None
        if given == self.everything:
            raise ValueError("either some turns are meant or everything")


class Keeper(Protocol):
    """What a `HistoryWriter` writes to. Blocking; used by one thread."""

    def last_session(self, max_age: float, now: float) -> Resumed | None:
        """The session to go on with: the one of the last turn, if that began at most `max_age` seconds before `now`."""
        ...

    def save(self, session: SessionRecord, turns: Sequence[TurnRecord]) -> Mapping[int, TurnRecord]:
        """Store turns of a session, all or none; by number, as they are stored. Those that were erased are left out.

        Raises:
            ConflictError: Somebody else has stored one of them.
            HistoryError: They cannot be stored.
        """
        ...

    def stored(self, session: str, number: int) -> TurnRecord | None:
        """A turn as it is stored."""
        ...

    def note(self, session: str, failures: Sequence[FailureNote]) -> None:
        """Store what failed in a session, each once, however often it is told."""
        ...

    def end(self, session: str, ended: float | None) -> None:
        """Store when a session ended; None when it goes on."""
        ...

    def keep_sound(self, turn: int, kind: SoundKind, wav: bytes, seconds: float) -> SoundNote:
        """Store a recording of the turn with this ID."""
        ...

    def erase(self, selection: Selection) -> int:
        """Remove turns so that nothing of them is left; how many there were."""
        ...

    def retain(self, *, days: int, turns: int, now: float) -> int:
        """Remove what is older than so many days, and what is more than so many turns; 0 for no limit."""
        ...

    def close(self) -> None:
        """Let the file or the server go."""
        ...


def new_session(now: float) -> SessionRecord:
    """A session that begins at Unix second `now`."""
    return SessionRecord(id=secrets.token_hex(16), started=now)


def kept_text(text: str) -> str:
    """The text as every database takes it: without NUL, and without halves of surrogate pairs."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
