"""Which faults there are, and within which time each has to be over."""

from __future__ import annotations

from dataclasses import dataclass

from modules.turn.ears import SILENT_SECONDS
from modules.turn.settings import ListeningMode
from modules.turn.slots import READY_SECONDS
from modules.turn.speaking import END_SECONDS, SOUND_SECONDS
from modules.turn.state import Phase
from modules.turn.watchdog import LIMITS, LOOK_SECONDS
from tests.faults.broken import LATE_SECONDS
from tests.faults.scenes import HANDS_FREE, PUSH_TO_TALK, STATES

TURN_SECONDS = 14.0
"""What a turn may take by itself, from the question to the last word of the answer."""


@dataclass(frozen=True)
class Fault:
    """Something that breaks."""

    name: str
    seconds: float = TURN_SECONDS
    """Limit for the machine to be idle again."""
    states: tuple[tuple[ListeningMode, tuple[str, ...]], ...] = tuple(STATES.items())
    """Where it can happen."""

    def cells(self, mode: ListeningMode) -> tuple[str, ...]:
        """States of a mode in which it can happen."""
        return dict(self.states).get(mode, ())


def _stuck(*phases: Phase) -> float:
    """Limit of what is ended by the watchdog in one of these phases, at the latest."""
    return TURN_SECONDS + max(LIMITS[phase] for phase in phases) + LOOK_SECONDS


_OPENING = ((PUSH_TO_TALK, ("idle",)), (HANDS_FREE, ("idle",)))
_OPEN = ((PUSH_TO_TALK, ("listening",)), (HANDS_FREE, STATES[HANDS_FREE]))
_EARS = ((HANDS_FREE, STATES[HANDS_FREE]),)
_ANSWERING = _stuck(Phase.COMMITTED, Phase.SPEAKING)
_SOUNDING = max(TURN_SECONDS + SOUND_SECONDS + END_SECONDS, _stuck(Phase.SPEAKING))

_READY = TURN_SECONDS + READY_SECONDS
_EARS_OPENING = ((HANDS_FREE, ("idle",)),)

FAULTS = (
    Fault("source does not open", states=_OPENING),
    Fault("source hangs as it opens", _stuck(Phase.LISTENING), _OPENING),
    Fault("source is lost", states=_OPEN),
    Fault("source is lost for long", states=_OPEN),
    Fault("source falls silent", TURN_SECONDS + max(SILENT_SECONDS, LIMITS[Phase.LISTENING] + LOOK_SECONDS), _OPEN),
    Fault("voice detector raises", states=_EARS),
    Fault("echo canceller raises", states=_EARS),
    Fault("endpoint model raises", states=_EARS),
    Fault("endpoint model hangs", states=_EARS),
    Fault("endpoint model is late", TURN_SECONDS + LATE_SECONDS, _EARS),
    Fault("transcriber raises"),
    Fault("transcriber hangs", _stuck(Phase.SPECULATIVE, Phase.COMMITTED)),
    Fault("transcriber returns nothing"),
    Fault("transcriber is late", TURN_SECONDS + 2 * LATE_SECONDS),
    Fault("model raises"),
    Fault("model raises what nobody expects"),
    Fault("model hangs", _ANSWERING),
    Fault("model hangs in native code", _ANSWERING),
    Fault("model says nothing more"),
    Fault("model is late", TURN_SECONDS + LATE_SECONDS),
    Fault("voice raises"),
    Fault("voice hangs", _SOUNDING),
    Fault("voice hangs in native code", _SOUNDING),
    Fault("voice is silent"),
    Fault("voice is late", TURN_SECONDS + 12 * LATE_SECONDS),
    Fault("output does not open"),
    Fault("output hangs as it opens", _SOUNDING),
    Fault("output is lost"),
    Fault("output hangs", _SOUNDING),
    Fault("transcriber does not load", states=_OPENING),
    Fault("transcriber hangs as it loads", _stuck(Phase.COMMITTED), _OPENING),
    Fault("model does not load", states=_OPENING),
    Fault("model hangs as it loads", _ANSWERING, _OPENING),
    Fault("voice does not load", states=_OPENING),
    Fault("voice hangs as it loads", _SOUNDING, _OPENING),
    Fault("voice detector does not load", states=_EARS_OPENING),
    Fault("voice detector hangs as it loads", _READY, _EARS_OPENING),
    Fault("echo canceller does not load", states=_EARS_OPENING),
    Fault("echo canceller hangs as it loads", _READY, _EARS_OPENING),
    Fault("endpoint model does not load", states=_EARS_OPENING),
    Fault("endpoint model hangs as it loads", _READY, _EARS_OPENING),
    Fault("wake word does not load", states=_EARS_OPENING),
    Fault("wake word hangs as it loads", _READY, _EARS_OPENING),
)
