"""What the log holds, and how it goes on."""

from __future__ import annotations

import json
import multiprocessing
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modules.security.audit import AuditLog
from modules.security.audit_check import verify
from modules.security.events import Event
from tests.unit.modules.security.audit_folder import Tampered
from utils.files import FileError


def events(log: AuditLog) -> list[str]:
    return [record["event"] for record in log.read()]


def test_a_record_has_its_number_time_event_and_fields(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit", time=lambda: "2026-01-01T12:00:00.000000Z")
    log.record(Event.REMOTE_USED, host="127.0.0.1", port=8080, share=0.5, streamed=True, reason=None)

    begun, used = log.read()
    assert (begun["n"], begun["event"], begun["previous"]) == (1, "log-begun", "0" * 64)
    assert (used["n"], used["event"], used["time"]) == (2, "remote-used", "2026-01-01T12:00:00.000000Z")
    assert used["fields"] == {"host": "127.0.0.1", "port": 8080, "share": 0.5, "streamed": True, "reason": None}
    assert used["previous"] == begun["hash"]


def test_the_time_is_universal(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    log = AuditLog(tmp_path)
    log.record("started")
    (time,) = {record["time"] for record in log.read() if record["event"] == "started"}
    assert time.endswith("Z")
    assert before <= datetime.fromisoformat(time) <= datetime.now(UTC)


def test_files_are_their_owners_only(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit")
    log.record("started")
    assert stat.S_IMODE((tmp_path / "audit").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "audit").iterdir()} == {0o600}


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "audit-000001.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileError, match="is a link"):
        AuditLog(tmp_path / "audit").record("started")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["text", "words", "transcript", "prompt", "answer", "value", "secret", "passphrase"])
def test_what_was_said_and_secrets_have_no_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="may not be called"):
        AuditLog(tmp_path).record("started", **{name: "x"})


@pytest.mark.parametrize("fields", [{"name": "x" * 201}, {"Name": "x"}, {"n": float("nan")}, {"n": 2**60}, {"a b": 1}])
def test_fields_that_are_too_long_or_odd_are_refused(tmp_path: Path, fields: dict[str, str | float]) -> None:
    with pytest.raises(ValueError, match="audit log"):
        AuditLog(tmp_path).record("started", **fields)
    assert list(tmp_path.iterdir()) == []


def test_fields_have_simple_values(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="is a list"):
        AuditLog(tmp_path).record("started", names=["a"])  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ValueError, match="no name"):
        AuditLog(tmp_path).record("He said hello")


@pytest.mark.parametrize("name", ["Ünïcode ☃", "new\nline", "\x1b[31mred", "\ud800", '"quoted\\"'])
def test_odd_characters_survive(tmp_path: Path, name: str) -> None:
    log = AuditLog(tmp_path)
    log.record("started", name=name)
    assert [record["fields"].get("name") for record in log.read()] == [None, name]
    assert verify(tmp_path).genuine


def test_a_full_segment_is_followed_by_the_next_and_the_chain_goes_on(tmp_path: Path) -> None:
    tampered = Tampered(tmp_path, 30, segment_bytes=1_000)

    assert len(tampered.segments) > 3
    assert all(path.stat().st_size < 1_500 for path in tampered.segments)
    assert [record["n"] for record in tampered.log.read()] == list(range(1, 31))
    assert tampered.faults() == []


def test_the_oldest_segments_are_removed_and_a_record_says_so(tmp_path: Path) -> None:
    tampered = Tampered(tmp_path, 40, segment_bytes=1_000, segments_kept=2)

    assert 2 <= len(tampered.segments) <= 3
    assert verify(tmp_path).genuine
    removed = [record["fields"] for record in tampered.log.read() if record["event"] == "segment-removed"]
    first = next(tampered.log.read())
    assert removed[-1]["through"] == first["n"] - 1
    assert removed[-1]["hash"] == first["previous"]
    assert not list(tmp_path.glob(".audit-000001*"))


def test_a_record_that_was_half_written_is_no_record_and_no_fault(tmp_path: Path) -> None:
    tampered = Tampered(tmp_path, 5)
    with open(tampered.segments[0], "ab") as file:
        file.write(b'{"n":6,"time":"2026')
    assert tampered.faults() == []

    tampered.log.record("stopped")
    assert events(tampered.log)[-1] == "stopped"
    assert tampered.faults() == []


def test_an_empty_next_segment_is_no_fault(tmp_path: Path) -> None:
    tampered = Tampered(tmp_path, 5)
    (tmp_path / "audit-000002.jsonl").touch()
    tampered.log.record("stopped")
    assert [path.stat().st_size > 0 for path in tampered.segments] == [True, True]
    assert tampered.faults() == []


@pytest.mark.parametrize("records", [1, 2])
def test_a_process_that_dies_before_the_first_head_leaves_no_fault(tmp_path: Path, records: int) -> None:
    tampered = Tampered(tmp_path, 2)
    tampered.head.unlink()
    tampered.replace(tampered.lines()[:records])
    assert tampered.faults() == []
    tampered.log.record("started")
    assert [record["n"] for record in tampered.log.read()] == list(range(1, records + 2))
    assert tampered.faults() == []


def test_a_process_that_dies_before_the_head_leaves_no_fault(tmp_path: Path) -> None:
    tampered = Tampered(tmp_path, 5)
    head = tampered.head.read_bytes()
    tampered.log.record("stopped")
    tampered.head.write_bytes(head)
    assert tampered.faults() == []
    tampered.log.record("started")
    assert [record["n"] for record in tampered.log.read()] == list(range(1, 8))
    assert tampered.faults() == []


def test_threads_write_one_chain(tmp_path: Path) -> None:
    log = AuditLog(tmp_path, segment_bytes=2_000)

    def write() -> None:
        for number in range(10):
            log.record("started", number=number)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [record["n"] for record in log.read()] == list(range(1, 32))
    assert verify(tmp_path).genuine


def _write(folder: Path) -> None:
    for number in range(15):
        AuditLog(folder, segment_bytes=2_000).record("started", number=number)


def test_processes_write_one_chain(tmp_path: Path) -> None:
    processes = [multiprocessing.get_context("spawn").Process(target=_write, args=(tmp_path,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert verify(tmp_path).records == 31
    assert verify(tmp_path).genuine


def test_the_head_is_the_last_record(tmp_path: Path) -> None:
    tampered = Tampered(tmp_path, 5)
    last = list(tampered.log.read())[-1]
    assert json.loads(tampered.head.read_bytes()) == {"count": 5, "hash": last["hash"]}
