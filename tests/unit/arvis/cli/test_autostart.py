"""`arvis autostart`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.arvis.cli.conftest import Command


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the entry is written."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "conf"))
    return tmp_path / "conf" / "autostart" / "arvis.desktop"


def test_on_status_and_off(arvis: Command, entry: Path) -> None:
    assert arvis("autostart", "status").stdout == "Arvis is not started at login.\n"
    assert f"by {entry}: " in arvis("autostart", "on").stdout
    assert "run --hidden" in entry.read_text()
    assert arvis("autostart", "off").stdout == "Arvis is not started at login.\n"
    assert not entry.exists()


def test_as_a_document(arvis: Command, entry: Path) -> None:
    off = {"enabled": False, "command": None, "current": False, "place": str(entry)}
    assert arvis.json("autostart", "status") == off
    on = arvis.json("autostart", "on")
    assert (on["enabled"], on["current"]) == (True, True)
    assert on["command"].endswith("run --hidden")
    assert arvis.json("autostart", "status") == on
    assert arvis.json("autostart", "off") == off


def test_home_settings_file_and_profile_are_kept(arvis: Command, entry: Path, tmp_path: Path) -> None:
    file = tmp_path / "my settings.toml"
    file.touch()
    arvis("autostart", "on", "--config", file, "--profile", "work")
    line = next(line for line in entry.read_text().splitlines() if line.startswith("Exec="))
    assert line.startswith(f"Exec=env ARVIS_HOME={tmp_path / 'home'} ")
    assert line.endswith(f'run --hidden --config "{file}" --profile work')


def test_another_command_is_told(arvis: Command, entry: Path) -> None:
    entry.parent.mkdir(parents=True)
    entry.write_text("[Desktop Entry]\nExec=/old/arvis run --hidden\n")
    assert "renews it" in arvis("autostart", "status").stdout
    assert arvis.json("autostart", "status")["current"] is False
    assert "renews it" not in arvis("autostart", "on").stdout


def test_what_cannot_be_written_is_a_sentence(arvis: Command, entry: Path, tmp_path: Path) -> None:
    (tmp_path / "conf").touch()
    assert str(entry.parent) in arvis.fails("autostart", "on")
