"""Notices as notifications."""

from __future__ import annotations

from modules.notifications.base import Notification, Priority
from modules.turn.events import Notice

_PRIORITIES = {"info": Priority.INFO, "warning": Priority.WARNING, "error": Priority.ERROR}


def from_notice(notice: Notice) -> Notification:
    """The notification that a notice is."""
    priority = _PRIORITIES[notice.severity]
    source = "arvis" if notice.turn_id is None else "turn"
    return Notification(notice.code, notice.text, priority, source, turn_id=notice.turn_id, keep_text=not notice.quotes)
