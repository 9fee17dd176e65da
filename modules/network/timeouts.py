"""Time-outs that know how fast a server usually is."""

from __future__ import annotations

import math
from collections import deque

FACTOR = 3.0
"""How many times slower than nearly always a server may be before it is given up."""
ENOUGH = 10
"""Observations below which nothing is known."""
WINDOW = 200
"""Observations that are remembered, the latest ones."""
_PART = 0.99


class AdaptiveTimeout:
    """How long to wait for one kind of event of one server: its 99th percentile times `FACTOR`, within bounds.

    The longest wait holds until there are `ENOUGH` observations, and again after a wait that was too short: how long
    the server would have taken was not seen then, as when it has to load its model again.

    Args:
        longest: Seconds, the upper bound.
        shortest: Seconds, the lower bound; not above `longest`.
    """

    def __init__(self, longest: float, *, shortest: float) -> None:
        self._longest = longest
        self._shortest = min(shortest, longest)
        self._seen: deque[float] = deque(maxlen=WINDOW)
        self._expired = False

    @property
    def seconds(self) -> float:
        """How long to wait at present."""
        if self._expired or len(self._seen) < ENOUGH:
            return self._longest
        percentile = sorted(self._seen)[math.ceil(_PART * len(self._seen)) - 1]
        return min(max(FACTOR * percentile, self._shortest), self._longest)

    def observe(self, seconds: float) -> None:
        """Note how long the event took."""
        self._seen.append(seconds)
        self._expired = False

    def expired(self) -> None:
        """Note that the event did not come in time."""
        self._expired = True


class ServerTimeouts:
    """The time-outs of one server.

    Args:
        silence: Seconds, the longest silence that is borne: until the first token, and between tokens.
    """

    LONGEST_CONNECT = 5.0
    """Seconds. A server that is there accepts a connection at once; a refused one must not keep the user waiting."""
    SHORTEST_CONNECT = 2.0
    """Seconds. The first packet may get lost; it is sent again after one (RFC 6298, 2.1)."""
    SHORTEST_FIRST = 5.0
    """Seconds. A prompt may be much longer than those before it."""
    SHORTEST_BETWEEN = 3.0
    """Seconds. Packets get lost in the middle of a stream, too, and servers take breaks."""

    def __init__(self, silence: float) -> None:
        self.answer = min(self.LONGEST_CONNECT, silence)
        """Seconds for an answer that needs no thinking, with its connection."""
        self.connect = AdaptiveTimeout(self.answer, shortest=self.SHORTEST_CONNECT)
        self.first_token = AdaptiveTimeout(silence, shortest=self.SHORTEST_FIRST)
        self.between_tokens = AdaptiveTimeout(silence, shortest=self.SHORTEST_BETWEEN)
