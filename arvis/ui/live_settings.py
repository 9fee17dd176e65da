"""Settings that change while the window is open: by hand in their file, and by what the user chooses here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast

from PyQt6.QtCore import QObject, pyqtSlot

from arvis.core.core import ArvisCore
from arvis.services import Services, remote_hosts
from arvis.ui.front_ends import FrontEnds
from arvis.ui.main_window import MainWindow
from arvis.ui.theme import ThemeSetting
from config.loader import Source
from config.schema import keys
from config.settings import Settings
from modules.security.roles import Permission
from modules.turn.events import Notice
from modules.turn.settings import ListeningMode
from utils import logging, paths
from utils.discretion import words_allowed

if TYPE_CHECKING:
    from config.problem import Problem
    from config.watcher import Change

_FILES: Mapping[Source, int] = {"default": 0, "file": 0, "profile": 1}
"""The file in which a choice is kept, by where the value comes from; what comes from elsewhere would win over it."""


class LiveSettings(QObject):
    """Brings changed settings to the window, and what is chosen there to the settings file.

    Args:
        services: Have the settings that are in force.
        core: Tells when they change.
        window: Shows them.
        front_ends: Show notifications.
    """

    def __init__(self, services: Services, core: ArvisCore, window: MainWindow, front_ends: FrontEnds) -> None:
        super().__init__(window)
        self._services = services
        self._core = core
        self._window = window
        self._front_ends = front_ends
        self._started_with = services.settings
        self._chosen: ListeningMode | None = None
        window.header.remote.expect(remote_hosts(services.settings))
        core.settings_changed.connect(self.follow)
        core.listening_changed.connect(self._on_listening)
        window.header.listening.listening_chosen.connect(self._on_chosen)
        window.header.listening.pause_chosen.connect(self._on_pause)

    @pyqtSlot(object)
    def follow(self, change: Change) -> None:
        """Show what is in force now, and tell what is wrong and what takes a restart."""
        settings, wording = change.new.settings, self._window.wording
        if "ui.theme" in change.paths:
            self._window.theme.choose(cast(ThemeSetting, settings.ui.theme))
        if change.paths & {"talk.mode", "talk.barge_in"}:
            self._core.talk.mode = cast(Literal["hold", "toggle"], settings.talk.mode)
            toggles = settings.talk.mode == "toggle"
            self._window.set_wording(replace(wording, toggles=toggles, barge_in=settings.talk.barge_in))
        if any(path.startswith("logging.") for path in change.paths):
            wanted = settings.logging
            logging.set_up(wanted.level, paths.log_dir(), wanted.components, words=words_allowed())
        if any(path.startswith("notifications.") for path in change.paths):
            self._front_ends.configure(settings.notifications)
        self._window.header.remote.expect(remote_hosts(settings))
        self._tell(change)

    def _tell(self, change: Change) -> None:
        if not set(change.old.problems) <= set(change.new.problems):
            self._front_ends.settle("settings")  # those that are left are told again
            told: tuple[Problem, ...] = ()
        else:
            told = change.old.problems
        for problem in change.new.problems:
            if problem not in told:
                self._core.notice.emit(Notice("warning", "settings", str(problem), quotes=False))
        if change.restart:
            self._tell_restart(change.new.settings)

    def _tell_restart(self, wanted: Settings) -> None:
        """Say which settings have another value than Arvis was started with, if any."""
        self._front_ends.settle("restart")
        before = self._started_with
        waiting = [path for path, key in keys().items() if key.restart and wanted.get(path) != before.get(path)]
        if waiting:
            text = f"Start Arvis again for the new value of {', '.join(waiting)}."
            self._core.notice.emit(Notice("info", "restart", text, quotes=False))

    def _on_chosen(self, mode: ListeningMode) -> None:
        self._chosen = mode

    def _on_listening(self, mode: ListeningMode) -> None:
        """Keep the way to listen, once the session has taken it."""
        if mode is self._chosen:
            self._remember({"talk.listening": mode.value})
        self._chosen = None

    def _on_pause(self, seconds: float | None) -> None:
        self._remember({"talk.debounce_seconds": seconds or 0.0})

    def _remember(self, values: Mapping[str, Any]) -> None:
        from config import writer

        loaded = self._services.loaded
        if not self._core.gate.may(Permission.CHANGE_SETTINGS):
            return
        for path, value in values.items():
            source = loaded.sources[path]
            file = _FILES.get(source)
            if file is not None:
                self._core.bridge.run_blocking(writer.change, loaded.layers[file].path, {path: value})
            else:
                text = f"That is not kept: the next start takes {path} from the {source} again."
                self._core.notice.emit(Notice("info", "not-kept", text, quotes=False))
