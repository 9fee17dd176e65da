from __future__ import annotations

from modules.notifications.base import Notification, Priority
from modules.notifications.events import from_event, from_notice
from modules.turn.events import EngineFailed, Notice, WakeHeard


def test_notices_and_failed_engines_are_notifications() -> None:
    assert from_event(Notice("warning", "muffled", "Another voice.", 3)) == Notification(
        "muffled", "Another voice.", Priority.WARNING, "turn", turn_id=3
    )
    assert from_event(EngineFailed("stt", "whisper", "missing", "There is none.")) == Notification(
        "missing", "There is none.", Priority.ERROR, "stt"
    )
    assert from_event(WakeHeard(0.9)) is None


def test_a_notice_of_another_part() -> None:
    assert from_notice(Notice("info", "settings", "Line 3: no."), "settings", keep_text=True) == Notification(
        "settings", "Line 3: no.", Priority.INFO, "settings", keep_text=True
    )
    assert from_notice(Notice("error", "x", "y")).priority is Priority.ERROR
