"""How many notifications make themselves felt within a minute."""

from __future__ import annotations

from collections import deque

WINDOW_SECONDS = 60.0


class RateLimit:
    """Lets so many through within any 60 seconds.

    Args:
        per_minute: How many; 0 for no limit.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._passed: deque[float] = deque()

    def allows(self, now: float) -> bool:
        """Whether another one may pass, which is then counted.

        Args:
            now: Monotonic seconds.
        """
        if not self._per_minute:
            return True
        while self._passed and now - self._passed[0] >= WINDOW_SECONDS:
            self._passed.popleft()
        if len(self._passed) >= self._per_minute:
            return False
        self._passed.append(now)
        return True
