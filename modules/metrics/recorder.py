"""Turns what a session tells its listeners into metrics. Of words it takes nothing, not even their number."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from modules.metrics.collector import MetricsCollector
from modules.turn.events import (
    DebounceChanged,
    EngineFailed,
    EngineReady,
    MicrophoneChanged,
    Notice,
    OverlapChanged,
    PhaseChanged,
    ReplyEnded,
    SessionEvent,
    SpeculationMeasured,
    TurnMeasured,
    UserText,
    UtteranceDropped,
    WakeHeard,
)
from modules.turn.latency import LatencyRecord
from modules.turn.state import Phase

_GRAVITY = ("HEALTHY", "UNKNOWN", "DEGRADED", "UNHEALTHY")


class SessionRecorder:
    """A listener of a session. Everything is called on one thread, that of the session.

    Args:
        collector: Takes the figures.
        clock: Monotonic seconds.
    """

    def __init__(self, collector: MetricsCollector, clock: Callable[[], float] = time.monotonic) -> None:
        self._collector = collector
        self._clock = clock
        self._turn: int | None = None
        """The last turn that was begun."""
        self._outcomes: dict[int, str] = {}
        """How turns have ended whose end is not counted yet; or would, if they ended now."""
        self._phase = Phase.IDLE
        self._since = 0.0
        self._actions: dict[type[Any], Callable[[Any], None]] = {
            PhaseChanged: self._phase_changed,
            UserText: self._user_text,
            ReplyEnded: self._reply_ended,
            UtteranceDropped: lambda event: self._end(event.turn_id, "dropped"),
            OverlapChanged: lambda event: self._collector.increment("overlaps_total", overlap=event.overlap),
            MicrophoneChanged: lambda event: self._collector.set("microphone_open", float(event.is_open)),
            DebounceChanged: lambda event: self._collector.set("debounce_seconds", event.seconds),
            WakeHeard: lambda _: self._collector.increment("wake_words_total"),
            SpeculationMeasured: self._speculation_measured,
            TurnMeasured: lambda event: self._measure(event.record),
            Notice: self._notice,
            EngineReady: self._engine_ready,
            EngineFailed: self._engine_failed,
        }

    def __call__(self, event: SessionEvent) -> None:
        """Take an event; most are passed over."""
        action = self._actions.get(type(event))
        if action is not None:
            action(event)

    def switched(self, role: str, added_seconds: float | None = None) -> None:
        """Another engine stands in for one that failed; `added_seconds` is what that cost the turn, if it is known."""
        self._collector.increment("engine_switches_total", role=role)
        if added_seconds is not None:
            self._collector.observe("engine_switch_seconds", added_seconds, role=role)

    def health(self, check: str, status: str) -> None:
        """A check of this name found this: HEALTHY, UNKNOWN, DEGRADED or UNHEALTHY."""
        self._collector.set("health_status", float(_GRAVITY.index(status)), check=check)

    def close(self) -> None:
        """Count the last turn."""
        for turn_id in tuple(self._outcomes):
            self._end(turn_id)

    def _phase_changed(self, event: PhaseChanged) -> None:
        now = self._clock()
        if self._phase is not Phase.IDLE:
            self._collector.observe("turn_phase_seconds", now - self._since, phase=self._phase)
        self._phase, self._since = event.phase, now
        if event.phase is not Phase.IDLE and event.turn_id != self._turn:
            self._turn = event.turn_id
            self._outcomes[event.turn_id] = "cancelled"
            self._collector.increment("turns_started_total")
            return
        # A turn that is interrupted tells how it ended only after the next has begun; now it has.
        for turn_id in [turn_id for turn_id in self._outcomes if turn_id != event.turn_id]:
            self._end(turn_id)

    def _end(self, turn_id: int | None, outcome: str = "") -> None:
        """Count a turn, if it is not counted yet."""
        if turn_id in self._outcomes:
            known = self._outcomes.pop(turn_id)
            self._collector.increment("turns_total", outcome=outcome or known)

    def _user_text(self, event: UserText) -> None:
        if event.final:
            self._collector.increment("utterances_total", kind="typed" if event.typed else "spoken")

    def _reply_ended(self, event: ReplyEnded) -> None:
        self._collector.increment("replies_spoken_total", spoken="yes" if event.spoken else "no")
        if not event.interrupted:
            self._end(event.turn_id, "answered")
        elif event.turn_id in self._outcomes:  # it may be told yet that it failed
            self._outcomes[event.turn_id] = "interrupted"

    def _notice(self, event: Notice) -> None:
        self._collector.increment("notices_total", severity=event.severity, code=event.code)
        if event.severity == "error":
            self._end(event.turn_id, "failed")

    def _speculation_measured(self, event: SpeculationMeasured) -> None:
        for outcome in ("started", "used", "wasted"):
            self._collector.advance("speculations_total", getattr(event, outcome), outcome=outcome)
        self._collector.advance("speculation_wasted_tokens_total", event.wasted_tokens)
        self._collector.advance("speculation_wasted_seconds_total", event.wasted_ms / 1000.0)

    def _engine_ready(self, event: EngineReady) -> None:
        labels = {"role": event.role, "engine": event.name}
        self._collector.set("engine_ready", 1.0, **labels)
        self._collector.set("engine_load_seconds", event.load_seconds, **labels)
        self._collector.set("engine_floor_seconds", event.floor_seconds, **labels)

    def _engine_failed(self, event: EngineFailed) -> None:
        self._collector.set("engine_ready", 0.0, role=event.role, engine=event.name)
        self._collector.increment("engine_load_failures_total", role=event.role, engine=event.name, code=event.code)

    def _measure(self, record: LatencyRecord) -> None:
        reached = {stage: value / 1000.0 for stage, value in record.as_dict().items() if value is not None}
        for stage, seconds in reached.items():
            self._collector.observe("turn_latency_seconds", max(0.0, seconds), stage=stage)
        before = 0.0
        for stage, seconds in sorted(reached.items(), key=lambda item: item[1]):
            self._collector.observe("turn_stage_seconds", max(0.0, seconds - before), stage=stage)
            before = max(before, seconds)
