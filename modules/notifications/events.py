"""What a session tells, as notifications."""

from __future__ import annotations

from modules.notifications.base import Notification, Priority
from modules.turn.events import EngineFailed, Notice, SessionEvent

_PRIORITIES = {"info": Priority.INFO, "warning": Priority.WARNING, "error": Priority.ERROR}


def from_event(event: SessionEvent) -> Notification | None:
    """The notification that an event is; None for an event that is none."""
    match event:
        case Notice():
            return from_notice(event)
        case EngineFailed():
            return Notification(event.code, event.text, Priority.ERROR, event.role)
        case _:
            return None


def from_notice(notice: Notice, source: str = "turn", *, keep_text: bool = False) -> Notification:
    """The notification that a notice is.

    Args:
        notice: One sentence for the user.
        source: The part of Arvis that tells it.
        keep_text: Whether all of the text may be written down, see `Notification`.
    """
    priority = _PRIORITIES[notice.severity]
    return Notification(notice.code, notice.text, priority, source, turn_id=notice.turn_id, keep_text=keep_text)
