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
    end_decided: float | None = None
    """The end of the utterance was certain; with the talk key that is its release."""
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
        """The stage up to the first audible sample that took longest by itself, with its milliseconds.

        Stages count in the order in which they were reached: a reply may be begun before the end of speech is certain.
        """
        stages = ("final_transcript", "end_decided", "first_token", "first_clause", "first_audio", "first_audible")
        reached = sorted((value, stage) for stage in stages if (value := getattr(self, stage)) is not None)
        befores = [0.0, *(value for value, _ in reached)]
        own = [(stage, value - before) for (value, stage), before in zip(reached, befores, strict=False)]
        return max(own, key=lambda item: item[1], default=None)
