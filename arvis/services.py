"""What window and session share: the audit log, the lock, notifications, figures, and the way to other machines."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from arvis.security import RemoteRecord, build_lock, open_audit
from config.loader import Loaded
from config.settings import Settings
from modules.metrics.collector import MetricsCollector
from modules.network.addresses import is_loopback
from modules.network.guard import set_offline
from modules.network.policy import POLICY
from modules.notifications.base import Channel, Delivery
from modules.notifications.history import FILE_NAME, History
from modules.notifications.manager import NotificationManager
from modules.notifications.quiet import parse_quiet_hours
from modules.notifications.records import audit_record, log_notification
from modules.notifications.routing import parse_routes
from modules.security.base import Record, ignore
from modules.security.events import Event
from modules.security.lock import Lock
from modules.security.recorder import Recorder
from modules.security.roles import Role
from modules.security.secrets import Ask
from utils import paths

log = logging.getLogger(__name__)


@dataclass
class Services:
    """Made before the window, on its thread; nothing here waits for a disk or a network."""

    loaded: Loaded
    """The settings that are in force."""
    lock: Lock
    notifications: NotificationManager
    record: Record
    """Writes the audit log; does nothing where the settings want none."""
    ask: Ask | None = None
    """Asks the user for the passphrase of the file of secrets, from a worker thread; None where nobody can be asked."""
    hotkey: tuple[bool, str] = (True, "")
    """Whether the talk key works in every window, and its name, or why it does not."""
    collector: MetricsCollector = field(default_factory=MetricsCollector)
    _ends: list[Callable[[], object]] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """The settings that are in force."""
        return self.loaded.settings

    def configure(self, loaded: Loaded) -> None:
        """Follow these settings from now on."""
        self.loaded = loaded
        notifications = loaded.settings.notifications
        routes, wrong_routes = parse_routes(notifications.speak, notifications.sounds, notifications.routes)
        quiet, wrong_hours = parse_quiet_hours(notifications.quiet_from, notifications.quiet_to)
        for problem in (*wrong_routes, *wrong_hours):
            log.warning("%s", problem)
        self.notifications.configure(routes, quiet, notifications.per_minute)
        set_offline(loaded.settings.network.offline)
        security = loaded.settings.security
        self.lock.configure(Role(security.role), security.lock_minutes)

    def close(self) -> None:
        """Write what is still to be written."""
        for end in self._ends:
            end()


def open_services(loaded: Loaded) -> Services:
    """Everything that window and session share."""
    settings = loaded.settings
    recorder = Recorder(open_audit()) if settings.security.audit else None
    record = ignore if recorder is None else recorder.record
    history = History(paths.data_dir() / FILE_NAME, settings.notifications.history)
    notifications = NotificationManager(history)
    services = Services(loaded, build_lock(settings, record), notifications, record)
    services.configure(loaded)
    notifications.subscribe(Channel.LOG, log_notification)
    notifications.subscribe(Channel.AUDIT, lambda delivery: _audit(record, delivery))
    remote = RemoteRecord(record)
    services._ends += [POLICY.subscribe(remote.used), POLICY.subscribe_refusals(remote.refused), notifications.close]
    if recorder is not None:
        services._ends += [lambda: record(Event.STOPPED), recorder.close]
    record(Event.STARTED)
    return services


def remote_hosts(settings: Settings) -> tuple[str, ...]:
    """The other machines to which the settings send what is said; none while Arvis is offline."""
    names = (settings.llm.engine, *settings.llm.fallback)
    host = urlsplit(settings.llm.base_url).hostname or ""
    if settings.network.offline or "openai" not in names or is_loopback(host):
        return ()
    return (host,)


def _audit(record: Record, delivery: Delivery) -> None:
    record("notification", **audit_record(delivery))
