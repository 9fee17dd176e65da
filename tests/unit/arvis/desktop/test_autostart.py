from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from arvis.desktop.autostart import HIDDEN, AutostartError, Start, autostart_for, start_of
from arvis.desktop.autostart_macos import MacAutostart
from arvis.desktop.autostart_xdg import XdgAutostart

ROOT = Path(__file__).parents[4]


@pytest.fixture
def interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Python in a folder of its own."""
    python = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    return python


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def distribution(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", distribution)


def test_a_frozen_application_is_a_program_of_its_own(interpreter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert start_of(HIDDEN, {}) == Start((str(interpreter), "run", "--hidden"))


def test_installed_there_is_the_command(interpreter: Path) -> None:
    interpreter.with_name("arvis").touch()
    assert start_of(HIDDEN, {}) == Start((str(interpreter.with_name("arvis")), "run", "--hidden"))


def test_installed_without_the_command_the_interpreter_runs_the_package(
    interpreter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda name: name)
    assert start_of(HIDDEN, {}) == Start((str(interpreter), "-m", "arvis", "run", "--hidden"))


def test_a_clone_is_started_in_its_folder(interpreter: Path, not_installed: None) -> None:
    start = start_of(HIDDEN, {})
    assert start == Start((str(interpreter), "-m", "arvis", "run", "--hidden"), ROOT)
    assert (ROOT / "arvis" / "__main__.py").is_file()


def test_on_windows_no_terminal_opens(interpreter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(metadata, "distribution", lambda name: name)
    quiet = interpreter.with_name("pythonw.exe")
    assert start_of((), {}).command[0] == str(interpreter)
    quiet.touch()
    assert start_of((), {}).command[0] == str(quiet)


def test_a_home_of_its_own_is_kept(interpreter: Path) -> None:
    assert start_of((), {"ARVIS_HOME": "/data/arvis", "OTHER": "x"}).environ == {"ARVIS_HOME": "/data/arvis"}


@pytest.mark.parametrize(
    ("platform", "environ", "place"),
    [
        ("linux", {"XDG_CONFIG_HOME": "/conf"}, "/conf/autostart/arvis.desktop"),
        ("linux", {"XDG_CONFIG_HOME": "not/absolute"}, "HOME/.config/autostart/arvis.desktop"),
        ("freebsd14", {}, "HOME/.config/autostart/arvis.desktop"),
        ("darwin", {}, "HOME/Library/LaunchAgents/org.arvis.Arvis.plist"),
    ],
)
def test_each_system_has_its_place(
    platform: str, environ: dict[str, str], place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    found = autostart_for(platform, environ)
    assert isinstance(found, MacAutostart if platform == "darwin" else XdgAutostart)
    assert found.place == place.replace("HOME", str(tmp_path))


def test_a_system_that_is_not_known_is_told() -> None:
    with pytest.raises(AutostartError) as caught:
        autostart_for("plan9", {})
    assert "plan9" in caught.value.message
