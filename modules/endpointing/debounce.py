"""How long a silence ends an utterance: as short as this user's way of speaking allows."""

from __future__ import annotations

SHORTEST = 0.4
"""Seconds; also where it starts."""
LONGEST = 1.2
"""Seconds. Nobody is kept waiting longer than this."""

_TURNS = 10
"""Turns from one decision to the next."""
_OFTEN = 0.3
"""Part of the turns: more were cancelled, so the user is being cut off."""
_SELDOM = 0.15
"""Part of the turns: fewer were cancelled, so there is time to be saved."""
_LONGER = 0.1
"""Seconds added at a time. Being cut off annoys more than waiting, so it grows faster than it shrinks."""
_SHORTER = 0.05
"""Seconds taken away at a time."""


class AdaptiveDebounce:
    """A silence in seconds that follows how often the user went on speaking after the end seemed to have come."""

    def __init__(self) -> None:
        self._own = SHORTEST
        self._set: float | None = None
        self._turns = 0
        self._cancelled = 0

    @property
    def seconds(self) -> float:
        """The silence that ends an utterance now, 0.4 to 1.2."""
        return self._own if self._set is None else self._set

    @property
    def adaptive(self) -> bool:
        """Whether it follows the user; otherwise it has been set."""
        return self._set is None

    def set(self, seconds: float | None) -> None:
        """Set it by hand, brought into 0.4 to 1.2; None to let it follow the user again, from where that stood."""
        self._set = None if seconds is None else min(max(seconds, SHORTEST), LONGEST)

    def record(self, cancelled: bool) -> bool:
        """Tell of a turn that has ended; return whether `seconds` has changed.

        Args:
            cancelled: Whether the user went on speaking after the end had seemed likely.
        """
        if not self.adaptive:
            return False
        self._turns += 1
        self._cancelled += cancelled
        if self._turns < _TURNS:
            return False
        share = self._cancelled / self._turns
        self._turns = self._cancelled = 0
        change = _LONGER if share > _OFTEN else -_SHORTER if share < _SELDOM else 0.0
        before, self._own = self._own, round(min(max(self._own + change, SHORTEST), LONGEST), 3)
        return self._own != before
