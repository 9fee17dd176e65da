"""What protects this user's Arvis, where it belongs. Knows nothing of Qt."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from modules.security.audit import AuditLog
from modules.security.base import Record, ignore
from modules.security.events import Event
from modules.security.lock import Lock
from modules.security.roles import Role
from utils import paths

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from config.settings import Settings
    from modules.network.base import RemoteUse
    from modules.security.secrets import Ask, LayeredSecrets, Waiting

log = logging.getLogger(__name__)

FOLDER = "security"
"""Below the user's data: the passphrase, wrong tries, and the encrypted secrets."""
AUDIT_FOLDER = "audit"
SECRETS_FILE = "secrets.json"


def audit_folder() -> Path:
    """Where the audit log is."""
    return paths.data_dir() / AUDIT_FOLDER


def open_audit() -> AuditLog:
    """The audit log of this user."""
    return AuditLog(audit_folder())


def build_lock(settings: Settings, record: Record = ignore) -> Lock:
    """The lock of this user.

    Args:
        settings: Who one is while it is locked, and when it locks itself.
        record: Writes the audit log; `modules.security.recorder.Recorder.record` for a window.
    """
    security = settings.security
    return Lock(paths.data_dir() / FOLDER, role=Role(security.role), idle_minutes=security.lock_minutes, record=record)


def secret_store(ask: Ask | None = None, record: Record = ignore, waiting: Waiting = log.warning) -> LayeredSecrets:
    """The secrets of this user; see `modules.security.secrets.open_store`.

    Args:
        ask: Asks the user for the passphrase of the encrypted file; None where there is nobody to ask.
        record: Writes the audit log.
        waiting: Told when the keyring may wait for the user; a warning of the log is on standard error, too.
    """
    from modules.security.secrets import open_store

    return open_store(paths.data_dir() / FOLDER / SECRETS_FILE, ask=ask, record=record, waiting=waiting)


class RemoteRecord:
    """Writes into the audit log which other machines were used or refused, each once while Arvis runs."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._known: set[tuple[Event, RemoteUse]] = set()

    def used(self, uses: Sequence[RemoteUse]) -> None:
        """Write down what is in use."""
        for use in uses:
            self._once(Event.REMOTE_USED, use)

    def refused(self, use: RemoteUse) -> None:
        """Write down what was wanted, and not allowed."""
        self._once(Event.OFFLINE_REFUSED, use)

    def _once(self, event: Event, use: RemoteUse) -> None:
        if (event, use) not in self._known:
            self._known.add((event, use))
            self._record(event, host=use.host[:200], purpose=use.purpose[:200])
