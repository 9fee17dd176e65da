"""Every way of tampering with the files is found, and stays found however the log goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from modules.security.audit_check import verify
from modules.security.chain import Link
from tests.unit.modules.security.audit_folder import Tampered


@pytest.fixture
def log(tmp_path: Path) -> Tampered:
    return Tampered(tmp_path / "audit")


def test_an_untouched_log_is_genuine(log: Tampered) -> None:
    verdict = verify(log.folder)
    assert verdict.genuine
    assert (verdict.records, verdict.end.count) == (10, 10)
    assert (verdict.since, verdict.until) == ("2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:09.000000Z")


def test_no_log_is_no_fault(tmp_path: Path) -> None:
    verdict = verify(tmp_path / "none")
    assert (verdict.genuine, verdict.records) == (True, 0)
    assert not (tmp_path / "none").exists()


def changed_time(record: dict[str, Any]) -> None:
    record["time"] = "2025-01-01T00:00:00.000000Z"


def changed_field(record: dict[str, Any]) -> None:
    record["fields"]["number"] = 99


def changed_event(record: dict[str, Any]) -> None:
    record["event"] = "stopped"


CHANGES = [changed_time, changed_field, changed_event]


@pytest.mark.parametrize("line", [0, 4, 9])
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_record_is_found(log: Tampered, change: Any, line: int) -> None:
    log.edit(line, change)
    assert log.faults() == ["changed"]
    assert log.places() == [f"audit-000001.jsonl, line {line + 1}"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_record_with_a_new_hash_is_found_at_the_next(log: Tampered, change: Any) -> None:
    log.edit(4, change, rehash=True)
    assert log.faults() == ["unlinked"]
    assert log.places() == ["audit-000001.jsonl, line 6"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_last_record_with_a_new_hash_is_found_by_the_head(log: Tampered, change: Any) -> None:
    log.edit(9, change, rehash=True)
    assert log.faults() == ["head"]


@pytest.mark.parametrize("count", [1, 5, 9, 10])
def test_a_cut_log_is_found_and_writing_on_does_not_hide_it(log: Tampered, count: int) -> None:
    log.replace(log.lines()[: 10 - count])
    assert log.faults() == ["cut"]

    log.log.record("started")
    log.log.record("stopped")
    assert log.faults() == ["missing"]
    assert verify(log.folder).end.count == 12


def test_a_cut_log_whose_head_was_deleted_is_found_and_stays_found(log: Tampered) -> None:
    log.replace(log.lines()[:6])
    log.head.unlink()
    assert log.faults() == ["head"]

    log.log.record("started")
    assert log.faults() == ["head"]
    assert [record["event"] for record in log.log.read()][-2:] == ["head-lost", "started"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"count":"10","hash":"x"}', b"\xff", b"[" * 100_000])
def test_a_damaged_head_is_found_and_the_log_goes_on(log: Tampered, content: bytes) -> None:
    log.head.write_bytes(content)
    assert log.faults() == ["head"]
    log.log.record("stopped")
    assert [record["event"] for record in log.log.read()][-2:] == ["head-lost", "stopped"]
    assert log.faults() == ["head"]


def test_a_head_that_names_another_record_is_found(log: Tampered) -> None:
    log.head.write_text(json.dumps({"count": 10, "hash": "f" * 64}))
    assert log.faults() == ["head"]


@pytest.mark.parametrize("line", [0, 4])
def test_a_deleted_record_is_found(log: Tampered, line: int) -> None:
    lines = log.lines()
    del lines[line]
    log.replace(lines)
    assert log.faults() == ["missing"]
    assert log.places() == [f"audit-000001.jsonl, line {line + 1}"]


def test_records_in_another_order_are_found(log: Tampered) -> None:
    lines = log.lines()
    lines[4], lines[5] = lines[5], lines[4]
    log.replace(lines)
    assert log.faults() == ["missing", "out-of-order", "missing"]


def test_a_record_that_stands_there_twice_is_found(log: Tampered) -> None:
    lines = log.lines()
    log.replace([*lines[:5], lines[4], *lines[5:]])
    assert log.faults() == ["out-of-order"]


def test_a_record_put_in_between_is_found(log: Tampered) -> None:
    lines = log.lines()
    forged = json.loads(lines[4]) | {"n": 6, "event": "stopped"}
    log.replace([*lines[:5], json.dumps(forged).encode() + b"\n", *lines[5:]])
    assert "changed" in log.faults()
    assert "out-of-order" in log.faults()


@pytest.mark.parametrize(
    "line", [b"", b"not json", b"[]", b"{}", b"\x00" * 50, b'{"n":1}', b"[" * 100_000, b'{"n":1e999999}']
)
def test_a_line_that_is_no_record_is_found_once(log: Tampered, line: bytes) -> None:
    lines = log.lines()
    lines[4] = line + b"\n"
    log.replace(lines)
    assert log.faults() == ["unreadable"]


def test_a_last_line_that_is_no_record_is_found_and_stays_found(log: Tampered) -> None:
    log.replace([*log.lines()[:-1], b"not json\n"])
    assert log.faults() == ["unreadable", "cut"]
    log.log.record("stopped")
    assert "unreadable" in log.faults()


def test_a_file_of_an_earlier_log_is_found(log: Tampered, tmp_path: Path) -> None:
    other = Tampered(tmp_path / "other", 10)
    other.log.record("stopped")
    shutil.copy(other.segments[0], log.segments[0])
    log.edit(9, changed_field, rehash=True)
    assert log.faults() == ["unlinked", "head"]


@pytest.mark.parametrize(("segment", "fault"), [(0, "missing"), (2, "missing"), (-1, "cut")])
def test_a_deleted_segment_is_found(tmp_path: Path, segment: int, fault: str) -> None:
    log = Tampered(tmp_path, 30, segment_bytes=1_000)
    assert log.faults() == []
    log.segments[segment].unlink()
    assert log.faults() == [fault]


def test_segments_that_changed_places_are_found(tmp_path: Path) -> None:
    log = Tampered(tmp_path, 30, segment_bytes=1_000)
    first, second = log.segments[1:3]
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    assert log.faults() == ["missing", "out-of-order", "missing"]


def test_a_removal_that_no_record_tells_of_is_found(tmp_path: Path) -> None:
    log = Tampered(tmp_path, 40, segment_bytes=1_000, segments_kept=2)
    assert log.faults() == []
    log.segments[0].unlink()
    assert log.faults() == ["missing"]


def test_the_end_that_was_noted_elsewhere_shows_that_all_was_replaced(tmp_path: Path) -> None:
    log = Tampered(tmp_path / "one")
    noted = verify(log.folder).end
    log.log.record("stopped")
    assert verify(log.folder, noted).genuine

    forged = Tampered(tmp_path / "two", 12)
    forged.log.record("stopped")
    assert verify(forged.folder).genuine
    assert verify(forged.folder, noted).genuine  # the same records at the same times have the same hashes
    other = Tampered(tmp_path / "three", 9)
    other.log.record("stopped")
    assert [finding.fault for finding in verify(other.folder, noted).findings] == ["anchor"]
    assert [finding.fault for finding in verify(tmp_path / "none", noted).findings] == ["anchor"]


def test_an_anchor_behind_the_end_is_found(log: Tampered) -> None:
    assert [finding.fault for finding in verify(log.folder, Link(11, "0" * 64)).findings] == ["anchor"]
