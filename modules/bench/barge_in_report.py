"""What the trials of a barge-in scene amount to."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from modules.bench.barge_in import Trial
from modules.bench.scenes import MEANT, SoundKind
from modules.bench.soak import Soak
from modules.bench.statistics import Spread

K = TypeVar("K", bound=Hashable)

_LOST_MS = 30.0
"""Jump in a resumed answer from which on something of it counts as lost: three blocks of the speaker."""


@dataclass(frozen=True, slots=True)
class BargeInReport:
    """All trials and soaks of a run."""

    trials: tuple[Trial, ...]
    soaks: tuple[Soak, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Shares from 0 to 1, times in milliseconds; None where there was nothing to count."""
        loud = [trial for trial in self.trials if trial.near_db >= 0]
        return {
            "trials": len(self.trials),
            "all": _cell(self.trials),
            "near_at_least_0_db": _cell(loud),
            "by_room": {room: _cell(trials) for room, trials in _groups(self.trials, lambda t: t.room)},
            "by_near_db": {f"{level:g}": _cell(trials) for level, trials in _groups(self.trials, lambda t: t.near_db)},
            "by_room_and_near_db": [
                {"room": room, "near_db": level, **_cell(trials)}
                for (room, level), trials in _groups(self.trials, lambda t: (t.room, t.near_db))
            ],
            "by_extra_delay_ms": {
                f"{delay:g}": _cell(trials) for delay, trials in _groups(self.trials, lambda t: t.extra_delay_ms)
            },
            "by_sound": {sound: _of_sound(trials) for sound, trials in _groups(self.trials, lambda t: t.sound)},
            "resumed": _resumed(self.trials),
            "soak": {
                "minutes": round(sum(soak.minutes for soak in self.soaks), 1),
                "turns": sum(len(soak.turns) for soak in self.soaks),
                "ended": sum(soak.ended for soak in self.soaks),
                "ducks": sum(soak.ducks for soak in self.soaks),
                "pauses": sum(soak.pauses for soak in self.soaks),
                "each": [asdict(soak) for soak in self.soaks],
            },
            "each": [asdict(trial) for trial in self.trials],
        }


def _groups(trials: Iterable[Trial], key: Callable[[Trial], K]) -> list[tuple[K, list[Trial]]]:
    """Trials by a key, in the order in which the keys come first."""
    groups: dict[K, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(key(trial), []).append(trial)
    return list(groups.items())


def _cell(trials: Sequence[Trial]) -> dict[str, object]:
    meant = [trial for trial in trials if trial.kind in MEANT]
    words = [trial for trial in trials if trial.kind == "interruption"]
    others = [trial for trial in trials if trial.kind not in MEANT]
    stopped = [trial for trial in meant if trial.ended]
    return {
        "meant": len(meant),
        "recall": _share(trial.ended for trial in meant),
        "words_became_the_turn": _share(trial.understood for trial in words),
        "not_meant": len(others),
        "false_stops": _share(trial.ended for trial in others),
        "false_stops_by": {kind: _share(t.ended for t in others if t.kind == kind) for kind in _OTHER_KINDS},
        "turns_nobody_spoke": sum(len(trial.heard) for trial in others),
        "duck_ms": Spread.of(trial.duck_ms for trial in stopped).as_dict(),
        "silent_ms": Spread.of(trial.silent_ms for trial in stopped).as_dict(),
        "ended_ms": Spread.of(trial.ended_ms for trial in stopped).as_dict(),
    }


_OTHER_KINDS: tuple[SoundKind, ...] = ("nothing", "backchannel", "noise")


def _share(hits: Iterable[bool]) -> float | None:
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else None


def _of_sound(trials: Sequence[Trial]) -> dict[str, object]:
    return {
        "kind": trials[0].kind,
        "trials": len(trials),
        "ended": _share(trial.ended for trial in trials),
        "paused": _share(trial.paused for trial in trials),
        "ducked": _share(trial.duck_ms is not None for trial in trials),
    }


def _resumed(trials: Sequence[Trial]) -> dict[str, object]:
    """Answers that were held and went on."""
    lost = [trial.lost_ms for trial in trials if trial.lost_ms is not None]
    return {
        "checked": len(lost),
        "with_a_loss": sum(abs(jump) > _LOST_MS for jump in lost),
        "worst_jump_ms": max(lost, key=abs, default=None),
    }
