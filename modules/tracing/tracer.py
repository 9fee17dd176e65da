"""Makes a trace of each turn from what the session tells its listeners."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from modules.tracing.base import Span, TurnTrace
from modules.turn.events import Notice, PhaseChanged, ReplyEnded, ReplyText, SessionEvent, TurnMeasured, UserText
from modules.turn.latency import LatencyRecord
from modules.turn.state import Phase


@dataclass(slots=True)
class _Turn:
    """What is known of the turn that is under way; times are monotonic seconds."""

    turn_id: int
    trace_id: str
    begun: float
    ended: float
    revision: int = 0
    typed: bool = False
    text_ended: float | None = None
    """When the last piece of the reply came."""
    record: LatencyRecord = field(default_factory=LatencyRecord)
    speech_end: float | None = None
    """From which the record counts."""
    outcome: Literal["answered", "interrupted", "failed", "cancelled"] = "cancelled"
    spoken: bool = False
    error: str = ""


class TurnTracer:
    """A listener of a session. Everything is called on one thread, that of the session.

    A trace is given out when the next turn is under way: what follows a turn's last phase may still tell how it ended.

    Args:
        give: Takes each trace; must return at once.
        clock: Monotonic seconds.
        wall: Unix seconds.
    """

    def __init__(
        self,
        give: Callable[[TurnTrace], None],
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._give = give
        self._clock = clock
        self._wall = wall
        self._turns: dict[int, _Turn] = {}
        """The present turn, and the last one as long as something of it may follow."""
        self._last: int | None = None

    def __call__(self, event: SessionEvent) -> None:
        """Take an event; most are passed over."""
        if isinstance(event, PhaseChanged):
            self._phase_changed(event)
            return
        turn = self._turns.get(getattr(event, "turn_id", None) or 0)
        if turn is None:
            return
        match event:
            case UserText(final=True, typed=typed):
                turn.typed = typed
            case ReplyText():
                turn.text_ended = self._clock()
            case ReplyEnded(interrupted=interrupted, spoken=spoken):
                turn.outcome, turn.spoken = "interrupted" if interrupted else "answered", spoken
            case TurnMeasured(record=record):
                turn.record = record
                # The record was closed a moment ago, when the turn was over, and counts from the end of speech.
                turn.speech_end = self._clock() - (record.total or 0.0) / 1000.0
            case Notice(severity="error", code=code):
                turn.outcome, turn.error = "failed", code

    def close(self) -> None:
        """Give out the last trace."""
        self._give_out(but=None)

    def _phase_changed(self, event: PhaseChanged) -> None:
        now = self._clock()
        if event.phase is not Phase.IDLE and event.turn_id != self._last:
            self._last = event.turn_id
            self._turns[event.turn_id] = _Turn(event.turn_id, event.trace_id, now, now)
            return
        # A turn that is interrupted tells how it ended only after the next has begun; now it has.
        self._give_out(but=event.turn_id)
        if event.turn_id in self._turns:
            self._turns[event.turn_id].ended = now
            self._turns[event.turn_id].revision = event.revision

    def _give_out(self, but: int | None) -> None:
        for turn_id in [turn_id for turn_id in self._turns if turn_id != but]:
            self._give(self._trace(self._turns.pop(turn_id)))

    def _trace(self, turn: _Turn) -> TurnTrace:
        shift = self._wall() - self._clock()
        parts = tuple(
            Span(name, begin + shift, end + shift)
            for name, begin, end in _parts(turn)
            if begin is not None and end >= begin
        )
        whole = Span(
            "turn",
            min([turn.begun + shift, *(part.start for part in parts)]),
            max([turn.ended + shift, *(part.end for part in parts)]),
            {
                "arvis.turn_id": turn.turn_id,
                "arvis.outcome": turn.outcome,
                "arvis.typed": turn.typed,
                "arvis.spoken": turn.spoken,
                "arvis.revisions": turn.revision,
            },
        )
        return TurnTrace(turn.trace_id, whole, parts, turn.error)


def _parts(turn: _Turn) -> list[tuple[str, float | None, float]]:
    """Name, begin and end of each part that the turn came to; the reply may begin before the end of speech is sure."""
    end_of_speech, record = turn.speech_end, turn.record
    if end_of_speech is None:  # nothing was answered
        return [("listening", turn.begun, turn.ended)]

    def when(milliseconds: float | None) -> float | None:
        return None if milliseconds is None else end_of_speech + milliseconds / 1000.0

    asked = when(record.final_transcript) or end_of_speech
    found: list[tuple[str, float | None, float | None]] = [
        ("listening", None if turn.typed else min(turn.begun, end_of_speech), end_of_speech),
        ("endpointing", None if turn.typed else end_of_speech, when(record.end_decided)),
        ("transcribe", end_of_speech, when(record.final_transcript)),
        ("llm first token", asked, when(record.first_token)),
        ("llm", asked, turn.text_ended if record.first_token is not None else None),
        ("tts first audio", when(record.first_clause), when(record.first_audio)),
        ("playing", when(record.first_audible), when(record.total)),
    ]
    return [(name, begin, end) for name, begin, end in found if end is not None]
