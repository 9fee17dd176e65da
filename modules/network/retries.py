"""How often a request to a server is made again, and after how long."""

from __future__ import annotations

import email.utils
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

_FIRST_BACKOFF_SECONDS = 0.5
_JITTER = 0.5
"""Part of a back-off by which it is longer at most, so that clients that were refused together come back apart."""


class Failure(Protocol):
    """What is looked at of an error."""

    code: str
    """The kind: "rate-limited", "server-failed", "timed-out" or "connection-lost"; others are never tried again."""
    retry_after: float | None
    """Seconds that the server asks to wait; None if it does not say."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is made again, by the kind of its failure. Kinds not listed are never retried."""

    rate_limited: int = 3
    """The server says that it gets too many requests (429)."""
    server_failed: int = 1
    """The server says that it failed (5xx)."""
    timed_out: int = 1
    """Nothing came in time."""
    connection_lost: int = 1
    """The connection broke before anything came."""
    longest_wait_seconds: float = 10.0
    """A server that asks for a longer wait is not asked again."""
    chance: Callable[[], float] = random.SystemRandom().random
    """Gives 0 to 1, for the jitter of back-offs."""

    def wait(self, failure: Failure, attempt: int) -> float | None:
        """Seconds to wait before trying again; None to give up.

        Only a rate limit is backed off from, by twice as long each time. Where the server names a time, that holds.

        Args:
            failure: What happened.
            attempt: How many tries have failed in this way, 1 or more.
        """
        allowed = {
            "rate-limited": self.rate_limited,
            "server-failed": self.server_failed,
            "timed-out": self.timed_out,
            "connection-lost": self.connection_lost,
        }.get(failure.code, 0)
        if attempt > allowed:
            return None
        seconds = failure.retry_after
        if seconds is None:
            backoff = _FIRST_BACKOFF_SECONDS * 2 ** (attempt - 1) if failure.code == "rate-limited" else 0.0
            seconds = backoff * (1 + _JITTER * self.chance())
        return seconds if seconds <= self.longest_wait_seconds else None


def retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header (RFC 9110, 10.2.3): a number or a date; None if it is absent or neither."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (date - datetime.now(UTC)).total_seconds()) if date.tzinfo else None
