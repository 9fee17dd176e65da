from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from modules.audio.earcons import Earcon
from modules.notifications.base import Delivery, Priority
from modules.notifications.records import Chimes, audit_record, log_notification
from tests.unit.modules.notifications.told import entry

WORDS = "The voice failed: cannot say 'open the doors'"


@pytest.mark.parametrize("priority", Priority)
def test_the_log_has_it_at_its_level_without_what_a_library_said(
    priority: Priority, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    log_notification(Delivery(entry(priority, WORDS, count=3)))
    (record,) = caplog.records
    assert record.levelno == priority
    assert record.getMessage() == ('notification "microphone-lost", source "test", told 3 times: The voice failed.')


def test_a_text_without_foreign_words_is_logged_as_a_whole(caplog: pytest.LogCaptureFixture) -> None:
    one = entry(text="config.toml, line 3: no such key")
    log_notification(Delivery(replace(one, notification=replace(one.notification, keep_text=True))))
    assert caplog.records[0].getMessage() == (
        'notification "microphone-lost", source "test": config.toml, line 3: no such key'
    )


def test_the_audit_log_gets_codes_and_numbers() -> None:
    assert audit_record(Delivery(entry(text=WORDS, count=3))) == {
        "code": "microphone-lost", "source": "test", "priority": "error", "turn": None, "count": 3,
    }  # fmt: skip


def test_what_is_serious_sounds_otherwise() -> None:
    played: list[Earcon] = []
    for priority in (Priority.INFO, Priority.WARNING, Priority.ERROR, Priority.CRITICAL):
        Chimes(played.append)(Delivery(entry(priority)))
    assert played == [Earcon.ATTENTION, Earcon.ATTENTION, Earcon.TROUBLE, Earcon.TROUBLE]
