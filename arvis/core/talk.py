"""What a press or release of the talk key means."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Literal

from modules.turn.machine import Phase

TAP_SECONDS = 0.3
"""A press that interrupts an answer and is shorter than this only stops it: nobody says a word in that time."""
_INTERRUPTED = (Phase.SPECULATIVE, Phase.COMMITTED, Phase.SPEAKING)


class Command(Enum):
    """What the session is to do."""

    BEGIN = auto()
    """Listen; an answer that is under way is cut off."""
    FINISH = auto()
    """The utterance is over."""
    STOP = auto()
    """Be silent and drop the utterance."""


class TalkSwitch:
    """Turns presses and releases into commands; repeats and releases without a press mean nothing.

    Args:
        mode: "hold": talk while the key is down. "toggle": press to begin, press again to finish.
        clock: Monotonic seconds.
    """

    def __init__(self, mode: Literal["hold", "toggle"], clock: Callable[[], float] = time.monotonic) -> None:
        self.mode = mode
        self._clock = clock
        self._down = False
        self._begun_after: int | None = None
        self._interrupted_at: float | None = None

    def owns(self, turn_id: int) -> bool:
        """Whether the key began this turn and has to end it; otherwise silence does."""
        return self._begun_after is not None and turn_id > self._begun_after

    def press(self, phase: Phase, turn_id: int) -> Command | None:
        """The key went down while the turn was in `phase`."""
        if self._down:
            return None
        self._down = True
        self._interrupted_at = self._clock() if phase in _INTERRUPTED else None
        if self.mode == "toggle" and phase is Phase.LISTENING and self.owns(turn_id):
            self._begun_after = None
            return Command.FINISH
        self._begun_after = turn_id
        return Command.BEGIN

    def release(self) -> Command | None:
        """The key went up."""
        if not self._down:
            return None
        self._down = False
        if self._interrupted_at is not None and self._clock() - self._interrupted_at < TAP_SECONDS:
            self._begun_after = None
            return Command.STOP
        if self.mode == "toggle":
            return None
        self._begun_after = None
        return Command.FINISH

    def forget(self) -> None:
        """Whatever the key began was ended otherwise."""
        self._begun_after = None
