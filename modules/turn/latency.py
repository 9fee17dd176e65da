"""The latency record of a turn: when each stage was reached, counted from the end of speech."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class LatencyRecord:
    """Milliseconds from the end of speech (the release of the key, or the submission of typed text).

    A stage that was not reached, or that the turn does not have, is None.
    """

    final_transcript: float | None = None
    """The final transcript was there."""
    first_token: float | None = None
    """The language model's first token was there."""
    first_clause: float | None = None
    """The first speakable clause was complete."""
    first_audio: float | None = None
    """The first audio was handed to the output device."""
    first_audible: float | None = None
    """The first non-silent sample left the speaker, device buffers included."""
    total: float | None = None
    """The turn was over: the last sample was heard, or the reply was cut off."""

    def as_dict(self) -> dict[str, float | None]:
        """Stage name to milliseconds, rounded to a tenth."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: None if value is None else round(value, 1) for name, value in values.items()}

    def slowest(self) -> tuple[str, float] | None:
        """The stage up to the first audible sample that took longest by itself, with its milliseconds."""
        stages = ("final_transcript", "first_token", "first_clause", "first_audio", "first_audible")
        worst: tuple[str, float] | None = None
        before = 0.0
        for stage in stages:
            reached = getattr(self, stage)
            if reached is None:
                continue
            own = reached - before
            before = reached
            if worst is None or own > worst[1]:
                worst = (stage, own)
        return worst
