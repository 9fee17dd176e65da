"""A circuit breaker: leaves an engine alone that keeps failing, and lets it be tried again later.

The three states are those of Nygard, "Release It!", chapter "Stability Patterns".
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from enum import StrEnum

from modules.fallback.policy import FallbackPolicy

_JITTER = 0.2
"""Part of the wait that is up to chance, so that several engines of one server are not all tried at once."""
_LONGEST_WAIT = 16.0
"""The wait grows to this many times the first one."""


class BreakerState(StrEnum):
    """Whether an engine may be asked."""

    CLOSED = "closed"
    """It works."""
    OPEN = "open"
    """It does not, and is left alone."""
    HALF_OPEN = "half-open"
    """It is being tried again."""


class CircuitBreaker:
    """Counts the failures of one engine.

    Args:
        policy: How many failures open it, and for how long.
        clock: Monotonic seconds.
        chance: Gives numbers from 0 to 1.
    """

    def __init__(
        self, policy: FallbackPolicy, clock: Callable[[], float], chance: Callable[[], float] = random.random
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._chance = chance
        self._failures: deque[float] = deque()
        self._doubts = 0
        self._openings = 0
        self.state = BreakerState.CLOSED
        self.retry_at = 0.0
        """Monotonic time from which an open breaker lets the engine be tried again."""

    @property
    def is_due(self) -> bool:
        """Whether it is open and the time has come to try the engine again."""
        return self.state is BreakerState.OPEN and self._clock() >= self.retry_at

    def succeed(self) -> None:
        """The engine did what it was asked for."""
        self._doubts = 0
        self._openings = 0
        self.state = BreakerState.CLOSED

    def fail(self, *, at_once: bool = False) -> None:
        """The engine failed.

        Args:
            at_once: Whether that is enough to leave it alone, whatever came before; for failures that cost much time.
        """
        now = self._clock()
        self._failures.append(now)
        while self._failures[0] < now - self._policy.window_seconds:
            self._failures.popleft()
        if at_once or self.state is not BreakerState.CLOSED or len(self._failures) >= self._policy.failures:
            self._open()

    def doubt(self) -> None:
        """The engine gave a result that another one did not confirm; only several in a row count."""
        self._doubts += 1
        if self._doubts >= self._policy.failures:
            self._open()

    def hasten(self) -> None:
        """Somebody says that the engine works again: let it be tried now."""
        self.retry_at = min(self.retry_at, self._clock())

    def begin_trial(self) -> None:
        """The engine is tried again."""
        self.state = BreakerState.HALF_OPEN

    def end_trial(self) -> None:
        """The trial went well. That the engine really works again is shown by the next success."""
        self.state = BreakerState.CLOSED
        self._failures.clear()
        self._doubts = 0

    def _open(self) -> None:
        self.state = BreakerState.OPEN
        wait = self._policy.recovery_seconds * min(2.0**self._openings, _LONGEST_WAIT)
        self.retry_at = self._clock() + wait * (1.0 + _JITTER * self._chance())
        self._openings += 1
        self._failures.clear()
        self._doubts = 0
