"""A manager on clocks that the test moves, and what it has told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from modules.notifications.base import Change, Channel, Delivery, Entry, Notification, Priority
from modules.notifications.history import History
from modules.notifications.manager import NotificationManager
from modules.notifications.quiet import QuietHours
from modules.notifications.routing import Routes

NOON = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)


def notification(
    code: str = "microphone-lost",
    text: str = "The microphone was lost.",
    priority: Priority = Priority.ERROR,
    turn_id: int | None = None,
    details: str | None = None,
) -> Notification:
    return Notification(code, text, priority, "test", details, turn_id)


def entry(priority: Priority = Priority.ERROR, text: str = "The microphone was lost.", count: int = 1) -> Entry:
    return Entry(notification(text=text, priority=priority), NOON, NOON, count)


@dataclass
class Told:
    """What front ends were given."""

    manager: NotificationManager
    deliveries: list[tuple[Channel, Delivery]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def listener(self, channel: Channel) -> Callable[[Delivery], None]:
        return lambda delivery: self.deliveries.append((channel, delivery))

    def codes(self, channel: Channel) -> list[str]:
        return [delivery.entry.notification.code for where, delivery in self.deliveries if where is channel]

    def on(self, channel: Channel) -> list[Delivery]:
        return [delivery for where, delivery in self.deliveries if where is channel]

    def channels(self) -> list[Channel]:
        found = [channel for channel, _ in self.deliveries]
        self.deliveries.clear()
        return found


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    seconds: float = 0.0
    start: datetime = NOON

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)


@contextmanager
def telling(
    path: Path,
    clock: Clock,
    routes: Routes | None = None,
    quiet: QuietHours | None = None,
    per_minute: int = 12,
    limit: int = 100,
) -> Iterator[Told]:
    """A manager whose history is this file, with a front end on every channel."""
    manager = NotificationManager(History(path, limit), routes, quiet, per_minute, clock.monotonic, clock.now)
    told = Told(manager)
    for channel in Channel:
        manager.subscribe(channel, told.listener(channel))
    manager.watch(told.changes.append)
    try:
        yield told
    finally:
        manager.close()
