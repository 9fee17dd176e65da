"""Disks and memories that are large, small, full, growing and unreadable."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from modules.health import machine
from modules.health.base import Finding, Status
from modules.health.machine import MemoryWatch

MB = machine.MEGABYTE


@pytest.mark.parametrize(
    ("free", "status"), [(5000, Status.HEALTHY), (1000, Status.HEALTHY), (999, Status.DEGRADED), (49, Status.UNHEALTHY)]
)
def test_free_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, status: Status) -> None:
    asked: list[Path] = []

    def disk_usage(folder: Path) -> SimpleNamespace:
        asked.append(folder)
        return SimpleNamespace(free=free * MB)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    found = machine.check_disk(tmp_path / "not" / "yet")
    assert asked == [tmp_path / "not" / "yet"]
    assert (found.status, found.figures["free_mb"]) == (status, free)
    assert bool(found.remedy) == (status is not Status.HEALTHY)


def test_the_disk_of_this_machine_is_written_to_and_left_as_it_was(tmp_path: Path) -> None:
    assert machine.check_disk(tmp_path).figures["free_mb"] >= 0
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    found = machine.check_disk(tmp_path, lambda folder: 5000 * MB)
    assert (found.status, "No space left on device" in found.reason) == (Status.UNHEALTHY, True)
    assert list(tmp_path.iterdir()) == []


def test_something_else_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    found = machine.check_disk(tmp_path / "cache")
    assert (found.status, "is not a folder" in found.reason) == (Status.UNHEALTHY, True)


def test_a_disk_whose_free_space_cannot_be_found_out(tmp_path: Path) -> None:
    def free(_: Path) -> int:
        raise OSError(errno.EIO, "Input/output error")

    found = machine.check_disk(tmp_path, free)
    assert found.status is Status.UNKNOWN
    assert found.reason == f"How much is free for {tmp_path} cannot be found out (Input/output error)."


def test_resident_memory_grows_with_what_is_held() -> None:
    before = machine.resident_bytes()
    held = bytearray(b"x") * (100 * MB)
    assert machine.resident_bytes() - before >= 90 * MB
    assert len(held) == 100 * MB


def memory(monkeypatch: pytest.MonkeyPatch, engines: int | None, window: int | None, free: int = 4000) -> Finding:
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=free * MB))
    return machine.check_memory(
        None if engines is None else engines * MB,
        None if window is None else window * MB,
        engines_limit=700 * MB,
        window_limit=150 * MB,
    )


def test_memory_within_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    found = memory(monkeypatch, 612, 120)
    assert found.status is Status.HEALTHY
    assert found.reason == (
        "All engines loaded: 612 MB (at most 700); the window alone: 120 MB (at most 150); 4000 MB are free."
    )
    assert found.figures == {"free_mb": 4000, "engines_mb": 612, "window_mb": 120}


@pytest.mark.parametrize(("engines", "window"), [(701, 100), (600, 151)])
def test_memory_beyond_a_limit(monkeypatch: pytest.MonkeyPatch, engines: int, window: int) -> None:
    found = memory(monkeypatch, engines, window)
    assert found.status is Status.DEGRADED
    assert found.remedy


def test_memory_that_was_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    found = memory(monkeypatch, None, None)
    assert (found.status, found.figures) == (Status.UNKNOWN, {"free_mb": 4000})
    assert found.reason.startswith(
        "All engines loaded: not measured, because not every engine works; "
        "the window alone: not measured, because it does not start;"
    )


@pytest.mark.parametrize(
    ("free", "status"), [(299, Status.DEGRADED), (50, Status.DEGRADED), (49, Status.UNHEALTHY), (0, Status.UNHEALTHY)]
)
def test_little_memory_is_told_whatever_else_is_the_case(
    monkeypatch: pytest.MonkeyPatch, free: int, status: Status
) -> None:
    assert memory(monkeypatch, 600, 100, free).status is status
    assert machine.check_free_memory(100 * MB, lambda: free * MB).status is status
    watch = MemoryWatch(lambda: True, lambda: free * MB, lambda: 600 * MB)
    assert (watch.check().status, bool(watch.check().remedy)) == (status, True)


@pytest.mark.parametrize(("free", "status"), [(700, Status.HEALTHY), (699, Status.DEGRADED)])
def test_room_for_what_is_not_loaded_yet(free: int, status: Status) -> None:
    found = machine.check_free_memory(700 * MB, lambda: free * MB)
    assert (found.status, found.figures) == (status, {"free_mb": free, "needed_mb": 700})


def test_memory_of_this_machine() -> None:
    assert machine.check_free_memory(1).figures["free_mb"] > 0
    assert MemoryWatch(lambda: True).check().figures["resident_mb"] > 10


@pytest.mark.parametrize(
    ("base", "now", "status"),
    [(600, 900, Status.HEALTHY), (600, 901, Status.DEGRADED), (100, 299, Status.HEALTHY), (100, 301, Status.DEGRADED)],
)
def test_growth_counts_from_when_the_engines_were_loaded(base: int, now: int, status: Status) -> None:
    loaded, used = False, 50
    watch = MemoryWatch(lambda: loaded, lambda: 4000 * MB, lambda: used * MB)
    assert "grown_mb" not in watch.check().figures
    loaded, used = True, base
    assert watch.check().figures["grown_mb"] == 0
    used = now
    found = watch.check()
    assert (found.status, found.figures["grown_mb"]) == (status, now - base)
    assert bool(found.remedy) == (status is not Status.HEALTHY)
