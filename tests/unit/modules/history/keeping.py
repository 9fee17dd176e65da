"""Turns to keep, and a store that does what a test tells it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from modules.history.base import (
    ConflictError,
    FailureNote,
    HistoryError,
    Resumed,
    Selection,
    SessionRecord,
    SoundKind,
    SoundNote,
    TurnRecord,
)
from modules.turn.events import (
    InputLevel,
    PhaseChanged,
    ReplyEnded,
    ReplyText,
    SessionEvent,
    TurnMeasured,
    UserText,
)
from modules.turn.latency import LatencyRecord
from modules.turn.state import Phase

NOW = 1_750_000_000.0
LATENCY = LatencyRecord(110.0, 0.0, 170.0, 210.0, 225.0, 240.0, 6500.0)


def told(number: int, said: str = "Hello.", heard: str = "Hi there.") -> list[SessionEvent]:
    """What a session tells of a spoken turn that is answered."""
    return [*begun(number, said), *(ReplyText(number, 0, f"{word} ") for word in heard.split()), *over(number, heard)]


def begun(number: int, said: str = "Hello.") -> list[SessionEvent]:
    return [
        PhaseChanged(number, 0, Phase.LISTENING, f"{number:032x}"),
        InputLevel(0.1),
        UserText(number, 0, said[:3], final=False),
        PhaseChanged(number, 0, Phase.SPECULATIVE),
        PhaseChanged(number, 0, Phase.COMMITTED),
        UserText(number, 0, said, final=True),
    ]


def over(number: int, heard: str = "Hi there.", *, interrupted: bool = False) -> list[SessionEvent]:
    return [
        PhaseChanged(number, 0, Phase.SPEAKING),
        PhaseChanged(number, 0, Phase.IDLE),
        ReplyEnded(number, 0, heard, interrupted=interrupted, spoken=True),
        TurnMeasured(number, LATENCY),
    ]


def turn(session: SessionRecord, number: int, said: str = "Hello.", heard: str = "Hi.", **more: object) -> TurnRecord:
    """A turn that began `number` minutes after its session."""
    made = TurnRecord(
        session=session.id,
        number=number,
        started=session.started + 60.0 * number,
        said=said,
        heard=heard,
        trace_id=f"{number:032x}",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def failure(code: str, *, retryable: bool = True) -> HistoryError:
    return HistoryError(code, f"It failed: {code}.", retryable=retryable)


@dataclass
class FakeKeeper:
    """Keeps in memory; raises `errors`, one for each save, and waits for `gate` before each."""

    turns: dict[tuple[str, int], TurnRecord] = field(default_factory=dict)
    errors: list[HistoryError] = field(default_factory=list)
    gate: threading.Event | None = None
    entered: threading.Event = field(default_factory=threading.Event)
    """That somebody waits at the gate."""
    resumed: Resumed | None = None
    poison: str = ""
    """What is said in a turn that cannot be stored."""
    batches: list[int] = field(default_factory=list)
    """Turns of each save that succeeded."""
    failures: list[FailureNote] = field(default_factory=list)
    ends: list[float | None] = field(default_factory=list)
    sounds: list[tuple[int, SoundKind, bytes]] = field(default_factory=list)
    erased: list[Selection] = field(default_factory=list)
    retained: list[tuple[int, int]] = field(default_factory=list)
    closed: int = 0

    def __call__(self) -> FakeKeeper:
        return self

    def last_session(self, max_age: float, now: float) -> Resumed | None:
        self._fail()
        return self.resumed

    def save(self, session: SessionRecord, turns: Sequence[TurnRecord]) -> Mapping[int, TurnRecord]:
        self._fail()
        if any(turn.said == self.poison for turn in turns):
            raise failure("failed", retryable=False)
        saved: dict[int, TurnRecord] = {}
        for turn in turns:
            known = self.turns.get((turn.session, turn.number))
            if turn.id is not None and known is None:
                continue
            if known is not None and (known.id, known.version) != (turn.id, turn.version):
                raise ConflictError("changed", "Changed.")
            id_ = turn.id or 100 + len(self.turns)
            saved[turn.number] = replace(turn, id=id_, version=turn.version + 1)
        self.turns |= {(turn.session, turn.number): turn for turn in saved.values()}
        self.batches.append(len(turns))
        return saved

    def stored(self, session: str, number: int) -> TurnRecord | None:
        return self.turns.get((session, number))

    def note(self, session: str, failures: Sequence[FailureNote]) -> None:
        self.failures += failures

    def end(self, session: str, ended: float | None) -> None:
        self.ends.append(ended)

    def keep_sound(self, turn: int, kind: SoundKind, wav: bytes, seconds: float) -> SoundNote:
        self._fail()
        self.sounds.append((turn, kind, wav))
        return SoundNote(kind, "file", seconds)

    def erase(self, selection: Selection) -> int:
        self.erased.append(selection)
        self.turns = {place: turn for place, turn in self.turns.items() if turn.id not in selection.turns}
        return 1

    def retain(self, *, days: int, turns: int, now: float) -> int:
        self.retained.append((days, turns))
        self._fail()
        return 0

    def close(self) -> None:
        self.closed += 1

    @property
    def words(self) -> list[tuple[str, str]]:
        return [(turn.said, turn.heard) for turn in self.turns.values()]

    def _fail(self) -> None:
        if self.gate is not None:
            self.entered.set()
            assert self.gate.wait(60)
        if self.errors:
            raise self.errors.pop(0)
