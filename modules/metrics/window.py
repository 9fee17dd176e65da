"""Spans of time as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from modules.metrics.base import MetricsError

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([smhdw])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` up to, but without, `until`: Unix seconds."""

    since: float
    until: float


def parse_duration(text: str) -> float:
    """Seconds of "90s", "15m", "1h30m", "7d" or "2w".

    Raises:
        MetricsError: It is none, or no time at all.
    """
    parts = _PART.findall(text)
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if "".join(number + unit for number, unit in parts) != text or seconds <= 0:
        raise MetricsError("bad-window", f"'{text}' is no span of time. Write it like 90s, 15m, 1h30m, 7d or 2w.")
    return seconds


def parse_moment(text: str) -> float:
    """Unix seconds of a date or time in ISO 8601; without a zone it is that of this machine.

    Raises:
        MetricsError: It is none.
    """
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise MetricsError(
            "bad-window", f"'{text}' is no time. Write it like 2025-03-01, 2025-03-01T14:30 or 2025-03-01T14:30+01:00."
        ) from error


def window(now: float, last: str | None = None, since: str | None = None, until: str | None = None) -> Window:
    """The window that the options mean; without any, everything up to `now` and what is dated later.

    Args:
        now: Unix seconds.
        last: A span that ends at `until`, or else `now`.
        since: When it begins; not together with `last`.
        until: When it ends.

    Raises:
        MetricsError: An option means nothing, or the window is empty.
    """
    if last is not None and since is not None:
        raise MetricsError("bad-window", "Give either the length of the window or its beginning, not both.")
    end = parse_moment(until) if until is not None else float("inf")
    begin = parse_moment(since) if since is not None else float("-inf")
    if last is not None:
        begin = (end if until is not None else now) - parse_duration(last)
    if begin >= end:
        raise MetricsError("bad-window", "The window ends before it begins.")
    return Window(begin, end)
