"""Notifications that are spoken: between answers, not into them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from modules.notifications.base import Delivery, Entry, Priority

MOST = 3
"""How many are read out at once; of others only the number is said."""

Say = Callable[[str, bool], bool]
"""Speaks a text; the second argument is whether it may interrupt. False when it is not spoken, because something is
going on. Must return at once, and may be called on any thread that publishes."""


class SpokenNotices:
    """The front end of the voice. What is CRITICAL is spoken at once; everything else waits until nothing is going on.

    Args:
        say: Speaks.
        idle: Whether nothing is going on at first.
    """

    def __init__(self, say: Say, *, idle: bool = True) -> None:
        self._say = say
        self._idle = idle
        self._lock = threading.Lock()
        self._waiting: dict[str, Entry] = {}

    def __call__(self, delivery: Delivery) -> None:
        """Speak it now or later."""
        entry = delivery.entry
        if entry.notification.priority is Priority.CRITICAL:
            self._say(entry.sentence, True)
            return
        with self._lock:
            self._waiting[entry.id] = entry
        self._speak()

    def set_idle(self, idle: bool) -> None:
        """Tell whether nothing is going on: nobody speaks, and no answer is on its way."""
        self._idle = idle
        self._speak()

    def drop(self, ids: Collection[str]) -> None:
        """Do not speak these any more: the user has seen them."""
        with self._lock:
            for name in ids:
                self._waiting.pop(name, None)

    def _speak(self) -> None:
        with self._lock:
            if not self._idle or not self._waiting:
                return
            entries = tuple(self._waiting.values())
            self._waiting.clear()
        if not self._say(merged(entries), False):
            with self._lock:  # newer states of the same entries may have come meanwhile
                self._waiting = {entry.id: entry for entry in entries} | self._waiting


def merged(entries: tuple[Entry, ...]) -> str:
    """What is said for notifications that have waited together: the most important first, then the oldest."""
    ranked = sorted(entries, key=lambda entry: (-entry.notification.priority, entry.first))
    said = [entry.sentence for entry in ranked[:MOST]]
    if len(ranked) > MOST:
        said.append(f"And {len(ranked) - MOST} more.")
    return " ".join(said)
