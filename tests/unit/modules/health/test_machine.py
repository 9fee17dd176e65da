"""Disk and memory."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from modules.health import machine
from modules.health.base import CheckResult, Status

MB = machine.MEGABYTE


@pytest.mark.parametrize(
    ("free", "status"), [(5000, Status.HEALTHY), (1000, Status.HEALTHY), (999, Status.DEGRADED), (49, Status.UNHEALTHY)]
)
def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, status: Status) -> None:
    asked: list[Path] = []

    def disk_usage(folder: Path) -> SimpleNamespace:
        asked.append(folder)
        return SimpleNamespace(free=free * MB)

    monkeypatch.setattr("shutil.disk_usage", disk_usage)
    found = machine.check_disk(tmp_path / "not" / "yet")
    assert asked == [tmp_path]
    assert (found.status, found.figures["free_mb"]) == (status, free)
    assert bool(found.advice) == (status is not Status.HEALTHY)


def test_disk_of_this_machine(tmp_path: Path) -> None:
    assert machine.check_disk(tmp_path).figures["free_mb"] >= 0


def test_resident_memory_grows_with_what_is_held() -> None:
    before = machine.resident_bytes()
    held = bytearray(b"x") * (100 * MB)
    assert machine.resident_bytes() - before >= 90 * MB
    assert len(held) == 100 * MB


def memory(monkeypatch: pytest.MonkeyPatch, engines: int | None, window: int | None, free: int = 4000) -> CheckResult:
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
    assert found.summary == (
        "All engines loaded: 612 MB (at most 700); the window alone: 120 MB (at most 150); 4000 MB are free."
    )
    assert found.figures == {"free_mb": 4000, "engines_mb": 612, "window_mb": 120}


@pytest.mark.parametrize(("engines", "window", "free"), [(701, 100, 4000), (600, 151, 4000), (600, 100, 299)])
def test_memory_beyond_a_limit(monkeypatch: pytest.MonkeyPatch, engines: int, window: int, free: int) -> None:
    found = memory(monkeypatch, engines, window, free)
    assert found.status is Status.DEGRADED
    assert found.advice


def test_memory_that_was_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    found = memory(monkeypatch, None, None)
    assert (found.status, found.figures) == (Status.UNKNOWN, {"free_mb": 4000})
    assert found.summary.startswith("All engines loaded: not measured; the window alone: not measured;")
