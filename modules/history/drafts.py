"""Puts turns together from what a session tells. Of what the user says it takes nothing before it is final."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from modules.history.base import EngineCall, FailureNote, PhaseEntry, SoundKind, TurnRecord
from modules.turn.events import (
    EngineFailed,
    Notice,
    PhaseChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    SessionEvent,
    TurnMeasured,
    UserText,
    UtteranceDropped,
)
from modules.turn.latency import LatencyRecord
from modules.turn.state import Phase
from utils.discretion import outline

TURNS_KEPT = 4
"""Turns of which something may follow: one that is interrupted tells how it ended after the next has begun."""
MOST_PHASES = 200
"""Of one turn."""
MOST_FAILURES = 200
"""That wait for the first turn of their session."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was told."""

    monotonic: float
    """Seconds."""
    unix: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording that is to be kept: a function makes the WAV file, as that takes its time."""

    kind: SoundKind
    seconds: float
    wav: Callable[[], bytes]


@dataclass(slots=True, eq=False)
class Draft:
    """A turn as far as it is known."""

    turn_id: int
    began: Moment
    trace_id: str = ""
    said: str | None = None
    """None before the user's words are final: such a turn is not stored."""
    pieces: list[str] = field(default_factory=list)
    heard: str | None = None
    """None before the answer is over."""
    interrupted: bool = False
    typed: bool = False
    spoken: bool = False
    language: str = ""
    ended: float | None = None
    phases: list[PhaseEntry] = field(default_factory=list)
    latency: LatencyRecord = field(default_factory=LatencyRecord)
    calls: list[EngineCall] = field(default_factory=list)
    sounds: list[Sound] = field(default_factory=list)
    """Those that are not stored yet."""
    changed: bool = True
    """Whether it was stored otherwise, or not at all."""
    stored: TurnRecord | None = None
    """As it was stored last."""
    dropped: bool = False
    """Whether it was no turn after all, or was erased: it is not stored again."""

    @property
    def is_wanted(self) -> bool:
        """Whether there is something to store."""
        return self.said is not None and not self.dropped and (self.changed or bool(self.sounds))

    def record(self, session: str, number: int) -> TurnRecord:
        """The turn as it is now. An answer that is not over counts as cut off: if the program dies now, it is."""
        over = self.heard is not None
        return TurnRecord(
            id=None if self.stored is None else self.stored.id,
            session=session if self.stored is None else self.stored.session,
            number=number if self.stored is None else self.stored.number,
            started=self.began.unix,
            ended=self.ended,
            said=self.said or "",
            heard=self.heard if self.heard is not None else "".join(self.pieces),
            interrupted=self.interrupted if over else bool(self.pieces),
            typed=self.typed,
            spoken=self.spoken,
            language=self.language,
            trace_id=self.trace_id,
            phases=tuple(self.phases),
            latency=self.latency,
            calls=tuple(self.calls),
            version=0 if self.stored is None else self.stored.version,
        )


class Drafts:
    """The turns of a session that are not over, or not stored. Used by one thread.

    Args:
        language: The language that is spoken, as an ISO 639-1 code; empty when unknown.
    """

    def __init__(self, language: Callable[[], str] = str) -> None:
        self._language = language
        self._drafts: dict[int, Draft] = {}
        self._last = 0
        self.failures: list[FailureNote] = []
        """What failed, as far as it is not stored."""
        self._actions: dict[type[Any], Callable[[Any, Moment], None]] = {
            PhaseChanged: self._phase_changed,
            UserText: self._user_text,
            ReplyText: self._reply_text,
            ReplyDropped: self._reply_dropped,
            ReplyEnded: self._reply_ended,
            TurnMeasured: self._turn_measured,
            UtteranceDropped: self._utterance_dropped,
            Notice: self._notice,
            EngineFailed: lambda event, now: self._fail(event.code, event.text, None, now),
        }

    def take(self, event: SessionEvent, now: Moment) -> None:
        """Take an event; those that say nothing about a turn are passed over."""
        action = self._actions.get(type(event))
        if action is not None:
            action(event, now)

    def call(self, turn_id: int | None, call: EngineCall) -> None:
        """An engine was run for a turn; None for the present one."""
        draft = self._drafts.get(self._last if turn_id is None else turn_id)
        if draft is not None:
            draft.calls.append(call)
            draft.changed = True

    def sound(self, turn_id: int, sound: Sound) -> None:
        """Something of a turn was recorded."""
        draft = self._drafts.get(turn_id)
        if draft is not None:
            draft.sounds.append(sound)

    def wanted(self) -> list[Draft]:
        """What is to be stored, the oldest first."""
        return [draft for draft in self._drafts.values() if draft.is_wanted]

    def dropped(self) -> list[Draft]:
        """What was stored and should not have been."""
        return [draft for draft in self._drafts.values() if draft.dropped and draft.stored is not None]

    @property
    def is_streaming(self) -> bool:
        """Whether an answer is coming in."""
        draft = self._drafts.get(self._last)
        return draft is not None and draft.said is not None and draft.heard is None and draft.ended is None

    def forget(self, most_waiting: int) -> int:
        """Let go of turns of which nothing follows: those that are stored, and the oldest that wait for it.

        Args:
            most_waiting: How many may wait to be stored.

        Returns:
            How many were lost.
        """
        old = [turn_id for turn_id in self._drafts if turn_id <= self._last - TURNS_KEPT]
        waiting = [turn_id for turn_id in old if self._drafts[turn_id].is_wanted]
        lost = waiting[: max(0, len(waiting) - most_waiting)]
        for turn_id in (set(old) - set(waiting)) | set(lost):
            del self._drafts[turn_id]
        return len(lost)

    # --- what is told -------------------------------------------------------------------------------------------

    def _phase_changed(self, event: PhaseChanged, now: Moment) -> None:
        draft = self._drafts.get(event.turn_id)
        if draft is None:
            if event.phase is Phase.IDLE or event.turn_id <= self._last:
                return
            self._last = event.turn_id
            draft = self._drafts[event.turn_id] = Draft(event.turn_id, now, event.trace_id)
        if len(draft.phases) < MOST_PHASES:
            since = (now.monotonic - draft.began.monotonic) * 1000.0
            draft.phases.append(PhaseEntry(event.phase.value, event.revision, since))
        draft.ended = now.unix if event.phase is Phase.IDLE else None
        draft.changed = True

    def _user_text(self, event: UserText, now: Moment) -> None:
        draft = self._drafts.get(event.turn_id)
        if draft is not None and event.final:
            draft.said, draft.typed, draft.language = event.text, event.typed, self._language()
            draft.changed = True

    def _reply_text(self, event: ReplyText, now: Moment) -> None:
        draft = self._drafts.get(event.turn_id)
        if draft is not None and draft.heard is None:
            draft.pieces.append(event.text)
            draft.changed = True

    def _reply_dropped(self, event: ReplyDropped, now: Moment) -> None:
        draft = self._drafts.get(event.turn_id)
        if draft is not None:
            draft.pieces.clear()
            draft.changed = True

    def _reply_ended(self, event: ReplyEnded, now: Moment) -> None:
        draft = self._drafts.get(event.turn_id)
        if draft is not None:
            draft.heard, draft.interrupted, draft.spoken = event.text, event.interrupted, event.spoken
            draft.pieces.clear()
            draft.changed = True

    def _turn_measured(self, event: TurnMeasured, now: Moment) -> None:
        draft = self._drafts.get(event.turn_id)
        if draft is not None:
            draft.latency, draft.changed = event.record, True

    def _utterance_dropped(self, event: UtteranceDropped, now: Moment) -> None:
        draft = self._drafts.get(event.turn_id)
        if draft is not None:
            draft.dropped = True
            draft.said = None
            draft.pieces.clear()

    def _notice(self, event: Notice, now: Moment) -> None:
        if event.severity != "info":
            self._fail(event.code, event.text, event.turn_id, now)

    def _fail(self, code: str, text: str, turn_id: int | None, now: Moment) -> None:
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(FailureNote(now.unix, code, outline(text), turn_id))
