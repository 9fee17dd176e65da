"""What the recordings of a hands-free scene amount to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from modules.bench.hands_free import Answered
from modules.bench.statistics import Spread

_SHORT_SECONDS = 0.5
"""No listener should mistake a pause that is shorter for the end."""

_STAGES = ("final_transcript", "end_decided", "first_token", "first_clause", "first_audio", "first_audible")


@dataclass(frozen=True, slots=True)
class HandsFreeReport:
    """All recordings of a run."""

    endpoint: str
    """Name of the model of the end of a turn; "none" for the plain timer."""
    answers: tuple[Answered, ...]

    def as_dict(self) -> dict[str, object]:
        """Counts, and times in milliseconds from the true end of speech; a false cut-off has no time."""
        pauses = dict.fromkeys(answer.pause for answer in self.answers)
        short = [answer for answer in self.answers if answer.pause < _SHORT_SECONDS]
        return {
            "endpoint": self.endpoint,
            "all": _cell(self.answers),
            "pauses_under_500_ms": _cell(short),
            "by_pause_s": {f"{pause:g}": _cell([a for a in self.answers if a.pause == pause]) for pause in pauses},
            "stages_ms": self._stages(),
            "speculation": self._speculation(),
            "each": [_told(answer) for answer in self.answers],
        }

    def _stages(self) -> dict[str, object]:
        """When the session reached each stage, from the end of speech as it heard it."""
        records = [answer.latency for answer in self.answers if answer.latency is not None and not answer.cut_off]
        return {stage: Spread.of(getattr(record, stage) for record in records).as_dict() for stage in _STAGES}

    def _speculation(self) -> dict[str, object]:
        used, wasted = (sum(getattr(answer, name) for answer in self.answers) for name in ("used", "wasted"))
        return {
            "started": sum(answer.started for answer in self.answers),
            "used": used,
            "wasted": wasted,
            "hit_rate": round(used / (used + wasted), 3) if used + wasted else None,
            "wasted_tokens": sum(answer.wasted_tokens for answer in self.answers),
            "wasted_ms": round(sum(answer.wasted_ms for answer in self.answers), 1),
        }


def _told(answer: Answered) -> dict[str, object]:
    latency = None if answer.latency is None else answer.latency.as_dict()
    return {**asdict(answer), "cut_off": answer.cut_off, "latency": latency}


def _cell(answers: Sequence[Answered]) -> dict[str, object]:
    return {
        "utterances": len(answers),
        "unanswered": sum(answer.audible_ms is None for answer in answers),
        "cut_offs": sum(answer.cut_off for answer in answers),
        "audible_ms": Spread.of(None if answer.cut_off else answer.audible_ms for answer in answers).as_dict(),
    }
