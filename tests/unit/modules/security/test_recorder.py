from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from modules.security import recorder
from modules.security.audit import AuditLog
from modules.security.events import Field
from modules.security.recorder import Recorder
from utils.files import FileError


class SlowLog:
    """A log on a disk that answers when the test says so, and fails as often as it says."""

    def __init__(self, failures: int = 0) -> None:
        self.asked = threading.Event()
        self.may_write = threading.Event()
        self.failures = failures
        self.written: list[tuple[str, dict[str, Field]]] = []

    def record(self, event: str, **fields: Field) -> None:
        self.asked.set()
        self.may_write.wait(10)
        if self.failures:
            self.failures -= 1
            raise FileError("cannot-write", "The disk is full.")
        self.written.append((event, fields))


def test_everything_is_written_in_its_order_before_it_closes(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    recording = Recorder(log)
    for number in range(20):
        recording.record("started", number=number)
    assert recording.close(20.0)
    assert [record["fields"].get("number") for record in log.read()] == [None, *range(20)]


def test_nobody_waits_for_the_disk_and_what_it_cannot_take_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "WAITING", 3)
    log = SlowLog()
    recording = Recorder(log)
    recording.record("started", number=0)
    assert log.asked.wait(10)
    for number in range(1, 6):
        recording.record("started", number=number)
    log.may_write.set()
    assert recording.close(20.0)
    assert sum(fields.get("count") == 2 for event, fields in log.written if event == "records-lost") == 1
    assert [fields["number"] for event, fields in log.written if event == "started"] == [0, 1, 2, 3]


def test_a_failing_disk_is_told_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    log = SlowLog(failures=2)
    log.may_write.set()
    recording = Recorder(log)
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            recording.record("started", number=number)
        assert recording.close(20.0)
    assert [record.message for record in caplog.records] == ["the audit log is not written: The disk is full."]
    assert log.written == [("records-lost", {"count": 2}), ("started", {"number": 2})]


def test_a_disk_that_never_answers_holds_nobody_up() -> None:
    log = SlowLog()
    recording = Recorder(log)
    recording.record("started")
    assert not recording.close(0.01)
    log.may_write.set()


def test_mistakes_are_told_at_once_and_nothing_is_written_after_closing() -> None:
    log = SlowLog()
    log.may_write.set()
    recording = Recorder(log)
    with pytest.raises(ValueError, match="may not be called"):
        recording.record("started", text="hello")
    assert recording.close()
    recording.record("started")
    assert log.written == []
