"""`arvis` and `arvis run`."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from arvis.cli.run import NO_SCREEN, has_screen
from config.loader import Loaded
from tests.unit.arvis.cli.conftest import Command


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> list[Loaded]:
    """A window that only notes what it was opened with."""
    opened: list[Loaded] = []

    def run_window(loaded: Loaded) -> int:
        opened.append(loaded)
        return 7

    module = ModuleType("arvis.ui.launch")
    module.run_window = run_window  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "arvis.ui.launch", module)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    return opened


@pytest.mark.parametrize("arguments", [(), ("run",)])
def test_the_window_gets_the_settings_and_gives_the_exit_code(
    arvis: Command, window: list[Loaded], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    (tmp_path / "home" / "config.toml").write_text("[ui]\ntheme = 'dark'\n")
    assert arvis(*arguments).exit_code == 7
    assert window[0].settings.ui.theme == "dark"


@pytest.mark.parametrize("arguments", [(), ("run",)])
def test_without_a_screen_it_says_what_to_do(arvis: Command, window: list[Loaded], arguments: tuple[str, ...]) -> None:
    assert arvis.fails(*arguments, code=2) == NO_SCREEN
    assert window == []


def test_a_missing_library_is_a_sentence(arvis: Command, window: list[Loaded], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delattr(sys.modules["arvis.ui.launch"], "run_window")
    assert arvis.fails("run").startswith("The window cannot be shown, because a library is missing (")


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({"QT_QPA_PLATFORM": "xcb"}, "linux", False),
        ({"QT_QPA_PLATFORM": "wayland;xcb"}, "linux", False),
        ({}, "darwin", True),
    ],
)
def test_what_counts_as_a_screen(environ: dict[str, str], platform: str, expected: bool) -> None:
    assert has_screen(environ, platform) is expected
