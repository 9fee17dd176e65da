"""What protects this user's Arvis, where it belongs. Knows nothing of Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.security.audit import AuditLog
from modules.security.base import Record, ignore
from modules.security.lock import Lock
from modules.security.roles import Role
from utils import paths

if TYPE_CHECKING:
    from pathlib import Path

    from config.settings import Settings
    from modules.security.secrets import Ask, LayeredSecrets

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


def secret_store(ask: Ask | None = None, record: Record = ignore) -> LayeredSecrets:
    """The secrets of this user; see `modules.security.secrets.open_store`."""
    from modules.security.secrets import open_store

    return open_store(paths.data_dir() / FOLDER / SECRETS_FILE, ask=ask, record=record)
