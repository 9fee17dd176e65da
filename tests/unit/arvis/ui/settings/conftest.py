"""A dialog over a settings file of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6 import sip
from PyQt6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from arvis.ui.settings.dialog import SettingsDialog
from arvis.ui.settings.trials import Trial
from arvis.ui.theme import Theme
from config.loader import load
from tests.unit.arvis.fakes import Desk
from tests.unit.arvis.ui.settings.secrets import FakeSecrets

Build = Callable[..., SettingsDialog]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    path = tmp_path / "config.toml"
    path.write_text("version = 2\n")
    return path


@pytest.fixture
def secrets() -> FakeSecrets:
    return FakeSecrets()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QMainWindow]:
    window = QMainWindow()
    window.show()
    yield window
    sip.delete(window)


@pytest.fixture(autouse=True)
def settled() -> Iterator[None]:
    """Threads of jobs end by themselves, right after the last job was told of."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("settings"):
            thread.join(timeout=10)


@pytest.fixture
def build(
    qtbot: QtBot,
    qapp: QApplication,
    desk: Desk,
    theme: Theme,
    file: Path,
    secrets: FakeSecrets,
    window: QMainWindow,
    settled: None,
) -> Iterator[Build]:
    made: list[SettingsDialog] = []

    def make(
        text: str = "",
        environ: dict[str, str] | None = None,
        trials: tuple[Trial, ...] = (),
        profile: str | None = None,
        overrides: dict[str, str] | None = None,
    ) -> SettingsDialog:
        if text:
            file.write_text(f"version = 2\n{text}")
        loaded = load(file, environ or {}, profile=profile, overrides=overrides)
        dialog = SettingsDialog(desk.core, loaded, loaded.settings, secrets.open, trials, window)
        made.append(dialog)
        dialog.open_at()
        qtbot.waitUntil(lambda: dialog.pages.is_complete and not dialog.changes.pending)
        return dialog

    yield make
    for dialog in made:
        dialog.close()
        qtbot.waitUntil(lambda each=dialog: not each.changes.pending)  # type: ignore[misc]
        qtbot.waitUntil(lambda each=dialog: not each._secret_jobs.pending + each._trial_jobs.pending)  # type: ignore[misc]


@pytest.fixture
def dialog(build: Build) -> SettingsDialog:
    return build()
