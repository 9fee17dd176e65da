"""Opens the window. Nothing heavy is imported before it has been drawn."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Literal, cast

from PyQt6 import sip
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from arvis.bridge import Bridge
from arvis.core.core import ArvisCore
from arvis.core.session_handle import Listener, SessionFactory, SessionHandle, SessionLike
from arvis.core.talk import TalkSwitch
from arvis.ui.crashes import CrashReporter
from arvis.ui.icons import app_icon
from arvis.ui.main_window import MainWindow
from arvis.ui.quit_signals import QuitSignals
from arvis.ui.theme import Theme, ThemeSetting
from arvis.ui.wording import Wording, phrase_of
from modules.hotkey.base import HotkeyError
from modules.hotkey.combination import Combination, parse_combination
from modules.hotkey.desktop import hotkey_for
from modules.turn.events import Notice
from modules.turn.settings import ListeningMode

if TYPE_CHECKING:
    from config.loader import Loaded
    from config.settings import Settings

DEFAULT_HOTKEY = "f9"
UNDRAWN_MS = 1500
"""Engines load after this long even when the window is never drawn, because it starts minimised for example."""


def run_window(loaded: Loaded, factory: SessionFactory | None = None) -> int:
    """Show the window and run until it is closed; returns the exit code of the process.

    Args:
        loaded: The settings and what is wrong with them.
        factory: Builds the session on the engine thread; None for the real one.
    """
    crashes = CrashReporter()
    crashes.install()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("arvis")
    app.setApplicationDisplayName("Arvis")
    app.setDesktopFileName("arvis")
    app.setWindowIcon(app_icon())
    signals = QuitSignals()
    signals.requested.connect(app.quit)
    window, core = build_window(app, loaded, factory or session_factory(loaded.settings))
    crashes.crashed.connect(lambda text: core.notice.emit(Notice("error", "internal-error", text)))
    open_when_drawn(window, core)
    window.show()
    try:
        return app.exec()
    finally:
        window.hide()
        core.close()
        signals.close()
        crashes.uninstall()
        # Now and on this thread: Python would collect it on whichever thread happens to allocate next, and one that
        # still loads an engine must not destroy widgets.
        sip.delete(window)


def session_factory(settings: Settings) -> SessionFactory:
    """What builds the real session. It is called on the engine thread, and the heavy imports happen there."""

    def build(listener: Listener) -> SessionLike:
        from arvis import app

        threading.Thread(target=app.preload_sound, name="preload-sound", daemon=True).start()
        microphone, output = app.build_microphone(settings), app.build_output(settings)
        return app.build_session(settings, microphone, output, listener, app.build_ears(settings))

    return build


def build_window(app: QApplication, loaded: Loaded, factory: SessionFactory) -> tuple[MainWindow, ArvisCore]:
    """The window and its core, not yet shown and not yet open, with notices of what is wrong in the settings."""
    settings = loaded.settings
    combination, complaint = read_hotkey(settings.talk.hotkey)
    bridge = Bridge()
    core = ArvisCore(
        bridge,
        SessionHandle(bridge, factory),
        TalkSwitch(cast(Literal["hold", "toggle"], settings.talk.mode)),
        hotkey_for(combination, os.environ),
        ListeningMode(settings.talk.listening),
    )
    wording = Wording(
        key=combination.label,
        toggles=settings.talk.mode == "toggle",
        wake_phrase=phrase_of(settings.wake.model),
        barge_in=settings.talk.barge_in,
    )
    theme = Theme(app, cast(ThemeSetting, settings.ui.theme))
    window = MainWindow(core, theme, combination, wording)
    theme.setParent(window)  # it goes with the window: one that is left over would go on dressing the application
    for problem in loaded.problems:
        window.notices.add(Notice("warning", "settings", str(problem)))
    if complaint is not None:
        window.notices.add(complaint)
    return window, core


def read_hotkey(text: str) -> tuple[Combination, Notice | None]:
    """The talk key of the settings; the default one, with a notice, when the text means none."""
    try:
        return parse_combination(text), None
    except HotkeyError as error:
        combination = parse_combination(DEFAULT_HOTKEY)
        return combination, Notice("warning", error.code, f"{error.message} Until then it is {combination.label}.")


def open_when_drawn(window: MainWindow, core: ArvisCore) -> None:
    """Load the engines as soon as the first picture of the window is on the screen."""
    opening = QTimer(window)
    opening.setSingleShot(True)
    opening.timeout.connect(core.open)
    opening.start(UNDRAWN_MS)
    window.drawn.connect(lambda: opening.start(0) if opening.isActive() else None)
