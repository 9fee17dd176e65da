"""The hours in which nothing but the most important makes itself felt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from modules.notifications.base import NotificationError

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From a time of day to another, over midnight where that is the later one; both None for never.

    Times are those of a clock on the wall. When the clocks change, the hours follow them.
    """

    start: time | None = None
    end: time | None = None

    def contain(self, moment: time) -> bool:
        """Whether this time of day, without a zone, belongs to them; the end itself does not."""
        if self.start is None or self.end is None or self.start == self.end:
            return False
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def parse_quiet_hours(start: str, end: str) -> tuple[QuietHours, list[str]]:
    """The hours that settings mean, each "HH:MM" or both empty, and a sentence if they mean nothing."""
    if not start.strip() and not end.strip():
        return QuietHours(), []
    try:
        return QuietHours(_parse("quiet_from", start), _parse("quiet_to", end)), []
    except NotificationError as error:
        return QuietHours(), [error.message]


def _parse(name: str, text: str) -> time:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise NotificationError(
            "no-time", f"notifications.{name}: '{text}' is no time of day. Write it as '22:00', or leave both empty."
        )
    return time(int(found[1]), int(found[2]))
