"""Notes when a turn reached each stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from modules.turn.latency import LatencyRecord

_STAGES = tuple(field.name for field in fields(LatencyRecord))


class Timeline:
    """Stage times of one turn; the first note of a stage counts.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._reached: dict[str, float] = {}
        self.speech_end = clock()
        """Monotonic seconds from which the record counts."""

    def end_of_speech(self, when: float | None = None) -> None:
        """The user has finished, at monotonic time `when` or now."""
        self.speech_end = self._clock() if when is None else when

    def note(self, stage: str, when: float | None = None) -> None:
        """A stage of `LatencyRecord` was reached, at monotonic time `when` or now."""
        if stage not in _STAGES:
            raise ValueError(f"no such stage: {stage}")
        self._reached.setdefault(stage, self._clock() if when is None else when)

    def record(self) -> LatencyRecord:
        """Milliseconds from the end of speech to each stage; a turn lasts until its first sound at least."""
        if "total" in self._reached:
            self._reached["total"] = max(self._reached["total"], self._reached.get("first_audible", 0.0))
        return LatencyRecord(**{stage: (time - self.speech_end) * 1000.0 for stage, time in self._reached.items()})
