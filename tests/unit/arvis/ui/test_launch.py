from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PyQt6 import sip
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from arvis import app
from arvis.assistant import Assistant
from arvis.core.session_handle import Listener, SessionLike
from arvis.services import open_services
from arvis.ui import launch
from arvis.ui.launch import build_window, open_when_drawn, read_hotkey, session_factory
from config.loader import load
from modules.turn.settings import ListeningMode
from tests.unit.arvis.fakes import FakeSession

ROOT = Path(__file__).parents[4]
HEAVY = (
    "numpy", "onnxruntime", "ctranslate2", "faster_whisper", "llama_cpp", "hibari", "sounddevice", "soundfile",
    "PyQt6.QtDBus",
)  # fmt: skip

PROGRAM = """
import json, sys
from pathlib import Path
from PyQt6 import sip
from PyQt6.QtCore import QTimer
from arvis.ui import launch
from arvis.ui.main_window import MainWindow
from config.loader import load

windows = []
report = {{"at_import": sorted(set(sys.modules) & set({heavy!r}))}}

class Session:
    def __init__(self, listener):
        report["at_open"] = sorted(set(sys.modules) & set({heavy!r}))
        report["calls"] = []
    async def load(self): report["calls"].append("load")
    async def close(self): report["calls"].append("close")
    def press(self): pass
    def release(self): pass
    def submit(self, text): pass
    def stop(self): pass
    def set_listening(self, mode): pass
    def set_muted(self, muted): pass
    def set_debounce(self, seconds): pass
    def speak_notice(self, delivery): pass
    def chime(self, delivery): pass

class Observed(MainWindow):
    def __init__(self, *parts):
        super().__init__(*parts)
        windows.append(self)
        self.drawn.connect(lambda: report.setdefault("drawn_before_session", "calls" not in report))
        self._core.opened.connect(self.on_opened)
    def on_opened(self, obstacle):
        report["notices"] = [card.notice.text for card in self.notices.cards]
        report["mode"] = self.badge.word.text()
        {then}

launch.MainWindow = Observed
code = launch.run_window(load(Path({settings!r}), {{}}), Session)
report["code"] = code
report["windows_left"] = [repr(window) for window in windows if not sip.isdeleted(window)]
import threading
report["threads"] = [thread.name for thread in threading.enumerate()]
print(json.dumps(report))
"""


def run(tmp_path: Path, then: str, settings: str = "") -> tuple[int, dict[str, Any]]:
    """Run the window in a process of its own; `then` is what happens when it is ready."""
    file = tmp_path / "settings.toml"
    file.write_text(settings)
    program = PROGRAM.format(heavy=HEAVY, then=then, settings=str(file))
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return done.returncode, report


def test_the_window_is_drawn_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    code, report = run(tmp_path, "QTimer.singleShot(0, self.close)")
    assert report["at_import"] == []
    assert report["at_open"] == []
    assert report["drawn_before_session"] is True
    assert report["mode"] == "Ready"
    assert report["calls"] == ["load", "close"]
    assert report["threads"] == ["MainThread"]
    assert report["windows_left"] == [], "a thread that is still loading might collect it"
    assert (code, report["code"]) == (0, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    code, report = run(tmp_path, f"import os; os.kill(os.getpid(), {int(number)})")
    assert (code, report["code"]) == (0, 0)
    assert report["calls"] == ["load", "close"]


def test_what_is_wrong_in_the_settings_is_said_in_the_window(tmp_path: Path) -> None:
    settings = '[talk]\nhotkey = "banana"\n[ui]\ntheme = 3\n'
    _, report = run(tmp_path, "QTimer.singleShot(0, self.close)", settings)
    notices = " ".join(report["notices"])
    assert "ui.theme" in notices
    assert "banana" in notices


def test_an_exception_in_a_slot_becomes_a_notice_and_the_window_goes_on(tmp_path: Path) -> None:
    then = (
        "QTimer.singleShot(0, lambda: 1 / 0); "
        "QTimer.singleShot(0, lambda: report.update(notices=[c.notice.text for c in self.notices.cards])); "
        "QTimer.singleShot(0, self.close)"
    )
    code, report = run(tmp_path, then)
    assert code == 0
    assert any("ZeroDivisionError" in text for text in report["notices"])


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The talk key of the desktop that runs the tests is not watched."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)


def test_the_session_is_opened_once_after_the_window_is_drawn(
    qapp: QApplication, qtbot: QtBot, no_screen: None, tmp_path: Path
) -> None:
    sessions: list[FakeSession] = []

    def build(listener: Listener) -> FakeSession:
        sessions.append(FakeSession(listener))
        return sessions[-1]

    window, core = build_window(qapp, load(tmp_path / "none.toml", {}), build)
    open_when_drawn(window, core)
    assert sessions == []
    with qtbot.waitSignals([core.opened, core.hotkey_changed]):
        window.show()
    window.repaint()
    qapp.processEvents()
    assert len(sessions) == 1
    assert window.status.hotkey.text() == "F9 works in this window"
    window.close()
    core.close()
    sip.delete(window)
    assert sessions[0].calls == ["close"]


def test_a_window_that_is_never_drawn_loads_all_the_same(
    qapp: QApplication, qtbot: QtBot, no_screen: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "UNDRAWN_MS", 1)
    window, core = build_window(qapp, load(tmp_path / "none.toml", {}), FakeSession)
    with qtbot.waitSignals([core.opened, core.hotkey_changed]):
        open_when_drawn(window, core)
    core.close()
    sip.delete(window)


def test_the_real_session_is_built_from_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    monkeypatch.setattr(app, "preload_sound", lambda: None)
    services = open_services(load(tmp_path / "none.toml", {"ARVIS_TALK_LISTENING": "hands-free"}))

    async def on_the_loop() -> SessionLike:
        return session_factory(services)(lambda event: None)

    built = asyncio.run(on_the_loop())
    assert isinstance(built, Assistant)
    assert built.listening is ListeningMode.PUSH_TO_TALK  # until it is loaded
    services.close()


@pytest.mark.parametrize(("text", "label", "complains"), [("f8", "F8", False), ("", "F9", True), ("a", "F9", True)])
def test_a_talk_key_that_means_nothing_is_replaced_with_a_notice(text: str, label: str, complains: bool) -> None:
    combination, complaint = read_hotkey(text)
    assert combination.label == label
    assert (complaint is not None) is complains
