"""What the audit log writes down. It knows that something happened, never what was said."""

from __future__ import annotations

import re
from enum import StrEnum

LONGEST_TEXT = 200
"""Characters of a field: names, codes and reasons fit, a conversation does not."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_WORDS = frozenset(
    {
        *("answer", "content", "message", "passphrase", "password", "phrase", "prompt", "question", "reply", "secret"),
        *("speech", "text", "token", "transcript", "utterance", "value", "words"),
    }
)
"""Names of fields that would hold what was said, or a secret."""

_TOO_LARGE = 2**53
"""From here on other programs read other numbers than were written."""

Field = str | int | float | bool | None


class Event(StrEnum):
    """The events of Arvis; others may be recorded as well."""

    STARTED = "started"
    STOPPED = "stopped"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    WRONG_PASSPHRASE = "wrong-passphrase"
    PASSPHRASE_SET = "passphrase-set"
    PASSPHRASE_REMOVED = "passphrase-removed"
    PERMISSION_REFUSED = "permission-refused"
    SETTING_CHANGED = "setting-changed"
    SETTINGS_RESTORED = "settings-restored"
    SECRET_SET = "secret-set"
    SECRET_REMOVED = "secret-removed"
    OFFLINE_REFUSED = "offline-refused"
    REMOTE_USED = "remote-used"
    HEALTH_CHANGED = "health-changed"
    ENGINE_SWITCHED = "engine-switched"
    HISTORY_ERASED = "history-erased"
    LOG_BEGUN = "log-begun"
    """The first record of a log."""
    HEAD_LOST = "head-lost"
    """The log went on without the file that says how long it is."""
    RECORDS_LOST = "records-lost"
    """The log could not be written for a while; how many events it lacks."""
    SEGMENT_REMOVED = "segment-removed"
    """The oldest file was removed, to keep the log within its bounds."""


def checked(event: str, fields: dict[str, Field]) -> dict[str, Field]:
    """The fields of a record, if all of it may be written down.

    Raises:
        ValueError: The event or a field has no proper name, or could hold what was said, or is too long.
        TypeError: A field is neither text nor a number nor a truth value.
    """
    for name in (event, *fields):
        if not _NAME.fullmatch(name):
            raise ValueError(f"'{name}' is no name for the audit log")
    for name, field in fields.items():
        if name in _WORDS:
            raise ValueError(f"a field of the audit log may not be called '{name}'")
        if not isinstance(field, str | int | float | None):
            raise TypeError(f"the field '{name}' of the audit log is a {type(field).__name__}")
        if isinstance(field, str) and len(field) > LONGEST_TEXT:
            raise ValueError(f"the field '{name}' of the audit log is longer than {LONGEST_TEXT} characters")
        if isinstance(field, int | float) and not abs(field) < _TOO_LARGE:
            raise ValueError(f"the field '{name}' of the audit log is not a number of ordinary size")
    return fields
