from __future__ import annotations

import pytest

from modules.notifications.base import Notification, Priority
from modules.notifications.events import from_notice
from modules.turn.events import Notice


def test_a_notice_of_a_turn_is_not_written_down_whole() -> None:
    assert from_notice(Notice("warning", "muffled", "Another voice.", 3)) == Notification(
        "muffled", "Another voice.", Priority.WARNING, "turn", turn_id=3
    )


def test_a_notice_of_arvis_own_may_be_written_down_whole() -> None:
    assert from_notice(Notice("info", "settings", "Line 3: no.", quotes=False)) == Notification(
        "settings", "Line 3: no.", Priority.INFO, "arvis", keep_text=True
    )


@pytest.mark.parametrize(
    ("severity", "priority"), [("info", Priority.INFO), ("warning", Priority.WARNING), ("error", Priority.ERROR)]
)
def test_the_priority_follows_the_severity(severity: str, priority: Priority) -> None:
    assert from_notice(Notice(severity, "x", "y")).priority is priority  # type: ignore[arg-type]  # parametrized
