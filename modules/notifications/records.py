"""Notifications as a line of the log, a record of the audit log, and a sound."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from modules.notifications.base import Delivery, Priority
from modules.notifications.history import kept_text

if TYPE_CHECKING:
    from modules.audio.earcons import Earcon

log = logging.getLogger(__name__)


def log_notification(delivery: Delivery) -> None:
    """The front end of the log: code, source and what of the text may be written down, at the level of the priority."""
    entry = delivery.entry
    notification = entry.notification
    repeated = f", told {entry.count} times" if entry.count > 1 else ""
    log.log(
        notification.priority,
        'notification "%s", source "%s"%s: %s',
        notification.code,
        notification.source,
        repeated,
        kept_text(notification),
    )


def audit_record(delivery: Delivery) -> Mapping[str, str | int | None]:
    """A notification for the audit log: codes and numbers only."""
    entry = delivery.entry
    notification = entry.notification
    return {
        "code": notification.code,
        "source": notification.source,
        "priority": notification.priority.label,
        "turn": notification.turn_id,
        "count": entry.count,
    }


class Chimes:
    """The front end of sounds.

    Args:
        play: Plays a short sound; must return at once.
    """

    def __init__(self, play: Callable[[Earcon], object]) -> None:
        self._play = play

    def __call__(self, delivery: Delivery) -> None:
        """Sound."""
        from modules.audio.earcons import Earcon

        serious = delivery.entry.notification.priority >= Priority.ERROR
        self._play(Earcon.TROUBLE if serious else Earcon.ATTENTION)
