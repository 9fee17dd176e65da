"""The window toolkit in a process of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from arvis.cli import probes


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))


def test_the_toolkit_starts_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    found = probes.probe_screen()
    assert (found.platform, found.tray, found.error) == ("offscreen", False, "")


def test_a_screen_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    found = probes.probe_screen()
    assert found.platform == ""
    assert "no-such-platform" in found.error


def test_the_window_needs_little_memory_before_engines_load_and_leaves_no_trace(tmp_path: Path) -> None:
    resident = probes.measure_window()
    assert resident is not None
    assert 30_000_000 < resident <= 150_000_000
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "SECONDS", 0.01)
    assert probes.measure_window() is None
    assert "TimeoutExpired" in probes.probe_screen().error


def test_a_program_that_ends_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 134, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    assert probes.probe_screen().error == "it ended with code 134."
