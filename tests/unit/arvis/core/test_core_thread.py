"""The core on a real engine thread: from opening the session to closing it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from weakref import ref

import pytest
from pytestqt.qtbot import QtBot

from arvis.bridge import Bridge
from arvis.core.core import ArvisCore
from arvis.core.session_handle import Listener, SessionHandle, SessionLike
from arvis.core.snapshot import BROKEN, HotkeyState
from arvis.core.talk import TalkSwitch
from modules.turn.events import EngineReady, Notice
from modules.turn.settings import ListeningMode
from tests.unit.arvis.fakes import FakeHotkey, FakeSession, collect
from utils.errors import ArvisError


class Workshop:
    """A core on a real engine thread."""

    def __init__(self, hotkey: FakeHotkey, broken: Exception | None = None) -> None:
        self.sessions: list[FakeSession] = []
        self.broken = broken
        self.begun, self.may_build = threading.Event(), threading.Event()
        self.may_build.set()
        bridge = Bridge()
        self.hotkey = hotkey
        self.core = ArvisCore(bridge, SessionHandle(bridge, self.build), TalkSwitch("hold"), hotkey)

    def build(self, listener: Listener) -> SessionLike:
        asyncio.get_running_loop()  # it is built where it lives
        self.begun.set()
        self.may_build.wait()
        if self.broken is not None:
            raise self.broken
        ready = tuple(EngineReady(role, "fake", 0.1, 0.1) for role in ("stt", "llm"))
        self.sessions.append(FakeSession(listener, ready))
        return self.sessions[0]


@pytest.fixture
def workshop(qtbot: QtBot) -> Iterator[Workshop]:
    workshop = Workshop(FakeHotkey())
    yield workshop
    workshop.core.close()


def test_the_session_is_built_loaded_used_and_closed_on_the_engine_thread(workshop: Workshop, qtbot: QtBot) -> None:
    with qtbot.waitSignals([workshop.core.opened, workshop.core.hotkey_changed]):
        workshop.core.open()
    assert workshop.core.snapshot.obstacle == ""
    workshop.core.press()
    workshop.core.release()
    workshop.core.submit("hello")
    workshop.core.stop()
    workshop.core.set_listening(ListeningMode.HANDS_FREE)
    workshop.core.set_debounce(0.8)
    workshop.core.set_muted(True)
    workshop.core.close()
    assert workshop.sessions[0].calls == [
        "press",
        "release",
        "submit hello",
        "stop",
        "listen hands-free",
        "debounce 0.8",
        "mute",
        "close",
    ]
    assert workshop.hotkey.stopped


def test_a_closed_session_is_let_go(workshop: Workshop, qtbot: QtBot) -> None:
    with qtbot.waitSignals([workshop.core.opened, workshop.core.hotkey_changed]):
        workshop.core.open()
    session = ref(workshop.sessions.pop())
    assert session() is not None
    workshop.core.close()
    assert session() is None


def test_what_the_user_does_before_the_session_exists_is_done_in_its_order(workshop: Workshop, qtbot: QtBot) -> None:
    workshop.may_build.clear()
    workshop.core.press()
    workshop.core.release()
    with qtbot.waitSignals([workshop.core.opened, workshop.core.hotkey_changed]):
        workshop.core.open()
        workshop.core.submit("at once")
        assert workshop.begun.wait(10)
        workshop.core.submit("while it is built")
        assert workshop.sessions == []
        workshop.may_build.set()
    workshop.core.close()
    assert workshop.sessions[0].calls == ["press", "release", "submit at once", "submit while it is built", "close"]


def test_a_core_that_is_closed_before_it_was_opened_leaves_nothing(workshop: Workshop) -> None:
    workshop.core.press()
    workshop.core.close()
    assert workshop.sessions == []
    assert workshop.hotkey.stopped


def test_the_global_key_is_marshalled_to_the_gui_thread(workshop: Workshop, qtbot: QtBot) -> None:
    with qtbot.waitSignals([workshop.core.opened, workshop.core.hotkey_changed]):
        workshop.core.open()
    workshop.core.bridge.run_blocking(workshop.hotkey.press)
    qtbot.waitUntil(lambda: workshop.sessions[0].calls == ["press"])
    workshop.core.bridge.run_blocking(workshop.hotkey.release)
    qtbot.waitUntil(lambda: workshop.sessions[0].calls == ["press", "release"])


def test_a_desktop_without_global_keys_is_told_and_nothing_else_fails(qtbot: QtBot) -> None:
    workshop = Workshop(FakeHotkey("Wayland does not let Arvis watch F9."))
    seen = collect(workshop.core)
    with qtbot.waitSignals([workshop.core.opened, workshop.core.hotkey_changed]):
        workshop.core.open()
    workshop.core.close()
    assert HotkeyState(False, "Wayland does not let Arvis watch F9.") in seen
    assert not [event for event in seen if isinstance(event, Notice)]


@pytest.mark.parametrize(
    ("error", "code"),
    [(ArvisError("no-device", "There is no microphone."), "no-device"), (TypeError("oops"), "internal-error")],
)
def test_a_session_that_cannot_be_built_ends_the_waiting_with_a_notice(
    qtbot: QtBot, error: Exception, code: str
) -> None:
    workshop = Workshop(FakeHotkey(), broken=error)
    seen = collect(workshop.core)
    with qtbot.waitSignals([workshop.core.opened, workshop.core.notice, workshop.core.hotkey_changed]):
        workshop.core.open()
    workshop.core.stop()
    workshop.core.close()
    assert [type(event) for event in seen if isinstance(event, Notice | str)] == [Notice, str], "the reason comes first"
    assert [event.code for event in seen if isinstance(event, Notice)] == [code]
    assert workshop.core.snapshot.obstacle == BROKEN
