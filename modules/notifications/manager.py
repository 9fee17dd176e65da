"""The one door through which the user is told anything."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from modules.notifications.base import Change, Channel, Delivery, Entry, Held, Notification, Priority
from modules.notifications.history import History, count_unread
from modules.notifications.limit import RateLimit
from modules.notifications.quiet import QuietHours
from modules.notifications.routing import Routes
from modules.notifications.writer import Writer
from utils.errors import ArvisError

log = logging.getLogger(__name__)

FrontEnd = Callable[[Delivery], object]
"""Tells the user in its own way. Called on the thread that publishes, so it must return at once."""
MERGE_SECONDS = 120.0
"""What is told again within so long since the last time becomes one entry with a count."""
REPEAT_SECONDS = 60.0
"""What is told again within so long since it was last felt changes its count, and neither sounds nor pops up."""
LOOK_SECONDS = 2.0
"""So often it is looked whether another program has acknowledged what was told here."""
CLOSE_SECONDS = 2.0
"""How long the end waits for the disk."""
_LOUD = frozenset({Channel.UI, Channel.TTS, Channel.AUDIO})


@dataclass(slots=True)
class _Live:
    """An entry that may still be told again."""

    entry: Entry
    told_at: float
    felt_at: float | None
    """When it last popped up, sounded or spoke."""
    kept: bool = False
    """Whether it is in the history."""


class NotificationManager:
    """Takes notifications from any thread and gives them to the front ends of their channels.

    The window's list gets everything that is routed to it, with a mark where nothing may pop up; voice and sound get
    only what may be heard. CRITICAL waits for neither the rate limit nor quiet hours. The history is written by a
    thread of its own, which also looks what other programs acknowledge there; where it cannot be written, the log says
    so once and everything else goes on.

    Args:
        history: Where notifications are kept.
        routes: Which goes where.
        quiet: When nothing but CRITICAL makes itself felt.
        per_minute: How many may make themselves felt within a minute; 0 for no limit.
        clock: Monotonic seconds.
        now: The present local time, with its zone.
        look_seconds: How often it is looked what other programs have acknowledged.
    """

    def __init__(
        self,
        history: History,
        routes: Routes | None = None,
        quiet: QuietHours | None = None,
        per_minute: int = 12,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._history = history
        self._routes = routes or Routes()
        self._quiet = quiet or QuietHours()
        self._limit = RateLimit(per_minute)
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._live: dict[tuple[str, str, str], _Live] = {}
        self._front_ends: list[tuple[Channel, FrontEnd]] = []
        self._watchers: list[Callable[[Change], object]] = []
        self._writer = Writer(self._look, lambda: look_seconds if self._is_watching() else None)
        self._complained = False

    # --- who listens --------------------------------------------------------------------------------------------

    def subscribe(self, channel: Channel, front_end: FrontEnd) -> Callable[[], None]:
        """Give a front end what is routed to a channel from now on; call what is returned to end that."""
        subscription = (channel, front_end)
        self._front_ends.append(subscription)
        return lambda: self._front_ends.remove(subscription)

    def watch(self, watcher: Callable[[Change], object]) -> Callable[[], None]:
        """Tell of every change of the history, on the thread that writes it; call what is returned to end that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def configure(self, routes: Routes, quiet: QuietHours, per_minute: int) -> None:
        """Follow other rules from now on."""
        with self._lock:
            self._routes, self._quiet, self._limit = routes, quiet, RateLimit(per_minute)

    # --- what happens -------------------------------------------------------------------------------------------

    def publish(self, notification: Notification) -> Entry:
        """Tell it; returns the entry that it has become or has been added to."""
        with self._lock:
            channels = self._routes.channels(notification)
            live = self._place(notification)
            held = self._hold(live, notification) if channels & _LOUD else None
            entry = live.entry
            if channels & _LOUD:
                self._later(lambda: self._record(live, entry))
        for channel, front_end in tuple(self._front_ends):
            if channel in channels and (held is None or channel not in (Channel.TTS, Channel.AUDIO)):
                self._deliver(front_end, Delivery(entry, held))
        return entry

    def acknowledge(self, *ids: str) -> None:
        """The user has seen these; without ids, all."""
        with self._lock:
            for likeness, live in tuple(self._live.items()):
                if not ids or live.entry.id in ids:
                    del self._live[likeness]
        self._later(lambda: self._acknowledge(ids))

    def clear(self) -> None:
        """Forget everything that was told."""
        with self._lock:
            self._live.clear()
        self._later(self._clear)

    def entries(self) -> tuple[Entry, ...]:
        """What was told, the least recent first, as soon as everything so far is written; nothing if unreadable."""
        self._writer.wait()
        try:
            return self._history.entries()
        except ArvisError as error:
            self._complain(error)
            return ()

    @property
    def unread(self) -> int:
        """How many of the entries are not acknowledged."""
        return count_unread(self.entries())

    def close(self, seconds: float = CLOSE_SECONDS) -> bool:
        """Write what is still to be written, and end the thread. What is published afterwards is not kept.

        Returns:
            Whether the disk took no longer than so many seconds.
        """
        return self._writer.close(seconds)

    # --- how ----------------------------------------------------------------------------------------------------

    def _place(self, notification: Notification) -> _Live:
        """The entry of a notification: the one that it repeats, or a new one."""
        at, now = self._clock(), self._now()
        for likeness, old in tuple(self._live.items()):
            if at - old.told_at > MERGE_SECONDS:
                del self._live[likeness]
        live = self._live.get(notification.likeness)
        if live is None:
            live = self._live[notification.likeness] = _Live(Entry(notification, now, now), at, None)
        else:
            live.entry, live.told_at = live.entry.again(notification, now), at
        return live

    def _hold(self, live: _Live, notification: Notification) -> Held | None:
        """Why it may not make itself felt; where it may, that is counted."""
        at = live.told_at
        if live.felt_at is not None and at - live.felt_at < REPEAT_SECONDS:
            return Held.REPEATED
        if notification.priority is not Priority.CRITICAL:
            if self._quiet.contain(self._now().time()):
                return Held.QUIET
            if not self._limit.allows(at):
                return Held.RATE
        live.felt_at = at
        return None

    def _deliver(self, front_end: FrontEnd, delivery: Delivery) -> None:
        try:
            front_end(delivery)
        except Exception:  # a front end that fails must harm neither the others nor whoever has something to tell
            log.exception("a front end of notifications failed")

    def _record(self, live: _Live, entry: Entry) -> tuple[str, ...]:
        """Keep an entry; returns which others were acknowledged by other programs meanwhile."""
        seen = self._forget_seen()
        self._history.record(entry)
        live.kept = True
        return tuple(name for name in seen if name != entry.id)

    def _forget_seen(self) -> tuple[str, ...]:
        """Let what another program has acknowledged or forgotten begin anew; returns the ids."""
        entries = {entry.id: entry for entry in self._history.entries()}
        gone = []
        with self._lock:
            for likeness, live in tuple(self._live.items()):
                kept = entries.get(live.entry.id)
                if kept.acknowledged if kept is not None else live.kept:
                    gone.append(live.entry.id)
                    del self._live[likeness]
        return tuple(gone)

    def _is_watching(self) -> bool:
        with self._lock:
            return any(live.kept for live in self._live.values())

    def _look(self) -> None:
        """Notice what other programs have done to the history."""
        try:
            seen = self._forget_seen()
        except ArvisError as error:
            self._complain(error)
            return
        if seen:
            self._tell(seen)

    def _acknowledge(self, ids: Collection[str]) -> tuple[str, ...]:
        seen = tuple(ids) or tuple(entry.id for entry in self._history.entries() if not entry.acknowledged)
        self._history.acknowledge(seen)
        return seen

    def _clear(self) -> tuple[str, ...]:
        gone = tuple(entry.id for entry in self._history.entries())
        self._history.clear()
        return gone

    def _later(self, write: Callable[[], tuple[str, ...]]) -> None:
        if not self._writer.submit(lambda: self._write(write)):
            log.debug("a notification came after the end")

    def _write(self, write: Callable[[], tuple[str, ...]]) -> None:
        """Change the history, and tell the watchers; what `write` returns are the ids that were acknowledged by it."""
        try:
            acknowledged = write()
        except ArvisError as error:
            self._complain(error)
            return
        self._tell(acknowledged)

    def _tell(self, acknowledged: tuple[str, ...]) -> None:
        try:
            unread = count_unread(self._history.entries())
        except ArvisError as error:
            self._complain(error)
            return
        change = Change(unread, acknowledged)
        for watcher in tuple(self._watchers):
            try:
                watcher(change)
            except Exception:  # as with front ends
                log.exception("a watcher of notifications failed")

    def _complain(self, error: ArvisError) -> None:
        if not self._complained:
            self._complained = True
            log.warning("notifications are not kept: %s", error.code)
