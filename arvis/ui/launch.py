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
from arvis.core.snapshot import HotkeyState, RemoteUsed
from arvis.core.talk import TalkSwitch
from arvis.desktop.surroundings import Surroundings
from arvis.services import Services, open_services
from arvis.ui.crashes import CrashReporter
from arvis.ui.front_ends import FrontEnds
from arvis.ui.icons import app_icon
from arvis.ui.live_settings import LiveSettings
from arvis.ui.main_window import MainWindow
from arvis.ui.quit_signals import QuitSignals
from arvis.ui.secret_prompt import SecretPrompt
from arvis.ui.settings.opening import settings_door
from arvis.ui.theme import Theme, ThemeSetting
from arvis.ui.wording import Wording, phrase_of
from modules.hotkey.base import HotkeyError
from modules.hotkey.combination import Combination, parse_combination
from modules.hotkey.desktop import hotkey_for
from modules.network.policy import POLICY
from modules.security.lock import Lock
from modules.turn.events import Notice
from modules.turn.settings import ListeningMode

if TYPE_CHECKING:
    from arvis.desktop.instance import Claim
    from config.loader import Loaded

DEFAULT_HOTKEY = "f9"
UNDRAWN_MS = 1500
"""Engines load after this long even when the window is never drawn, because it starts minimised for example."""


def run_window(
    loaded: Loaded, factory: SessionFactory | None = None, claim: Claim | None = None, *, hidden: bool = False
) -> int:
    """Show the window and run until it is closed; returns the exit code of the process.

    Args:
        loaded: The settings and what is wrong with them.
        factory: Builds the session on the engine thread; None for the real one.
        claim: Being the only Arvis with these settings, so that other starts tell this one what is wanted.
        hidden: Whether to begin without the window, as an icon in the tray.
    """
    crashes = CrashReporter()
    crashes.install()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("arvis")
    app.setApplicationDisplayName("Arvis")
    app.setDesktopFileName("arvis")
    app.setWindowIcon(app_icon())
    signals = QuitSignals()
    services = open_services(loaded)
    window, core = build_window(app, loaded, factory or session_factory(services), services.lock)
    front_ends = attend(window, core, services)
    crashes.crashed.connect(lambda text: core.notice.emit(Notice("error", "internal-error", text)))
    open_when_drawn(window, core)
    surroundings = Surroundings(window, core, lambda: services.settings.ui, claim)
    signals.requested.connect(surroundings.presence.quit)
    surroundings.open(hidden)
    try:
        return app.exec()
    finally:
        surroundings.close()
        window.hide()
        core.close()
        front_ends.close()
        services.close()
        signals.close()
        crashes.uninstall()
        # Now and on this thread: Python would collect it on whichever thread happens to allocate next, and one that
        # still loads an engine must not destroy widgets.
        sip.delete(window)


def session_factory(services: Services) -> SessionFactory:
    """What builds the real session. It is called on the engine thread, and the heavy imports happen there."""

    def build(listener: Listener) -> SessionLike:
        from arvis import app
        from arvis.assistant import Assistant, Publish

        settings = services.settings
        threading.Thread(target=app.preload_sound, name="preload-sound", daemon=True).start()
        microphone, output = app.build_microphone(settings), app.build_output(settings)
        return Assistant(services, microphone, output, app.build_ears(settings), cast(Publish, listener))

    return build


def attend(window: MainWindow, core: ArvisCore, services: Services) -> FrontEnds:
    """Bring notifications, the use of other machines and changed settings to the window."""
    front_ends = FrontEnds(services.notifications, core, window, services.settings.notifications)
    front_ends.ends.append(POLICY.subscribe(lambda uses: core.bridge.publish(RemoteUsed(uses))))
    LiveSettings(services, core, window, front_ends)
    settings_door(services, core, window)
    core.hotkey_changed.connect(lambda state: _know_hotkey(services, window, state))
    services.hotkey = (True, window.wording.key)
    services.ask = SecretPrompt(window)
    front_ends.ends.append(services.ask.close)
    for problem in services.loaded.problems:
        core.notice.emit(Notice("warning", "settings", str(problem), quotes=False))
    return front_ends


def build_window(
    app: QApplication, loaded: Loaded, factory: SessionFactory, lock: Lock | None = None
) -> tuple[MainWindow, ArvisCore]:
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
        lock,
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
    if complaint is not None:
        window.notices.add(complaint)
    return window, core


def _know_hotkey(services: Services, window: MainWindow, state: HotkeyState) -> None:
    services.hotkey = (state.everywhere, window.wording.key if state.everywhere else state.reason)


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
