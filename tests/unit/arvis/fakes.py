"""Stand-ins for what lies below the core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from arvis.bridge import Bridge
from arvis.core.core import ArvisCore
from arvis.core.session_handle import Listener, SessionHandle
from arvis.core.snapshot import SessionOpened
from arvis.core.talk import TalkSwitch
from modules.hotkey.base import HotkeyError, KeyCallback
from modules.notifications.base import Delivery
from modules.security.lock import Lock
from modules.turn.events import EngineReady, Role, SessionEvent
from modules.turn.settings import ListeningMode

ROLES: tuple[Role, ...] = ("stt", "llm", "tts")


class FakeSession:
    """Writes down what it is told to do; `load` and `close` tell the listener what they are given."""

    def __init__(self, listener: Listener, events: tuple[SessionEvent, ...] = ()) -> None:
        self.listener = listener
        self.events = events
        self.calls: list[str] = []

    async def load(self) -> None:
        for event in self.events:
            self.listener(event)
            await asyncio.sleep(0)

    def press(self) -> None:
        self.calls.append("press")

    def release(self) -> None:
        self.calls.append("release")

    def submit(self, text: str) -> None:
        self.calls.append(f"submit {text}")

    def stop(self) -> None:
        self.calls.append("stop")

    def set_listening(self, mode: ListeningMode) -> None:
        self.calls.append(f"listen {mode}")

    def set_muted(self, muted: bool) -> None:
        self.calls.append("mute" if muted else "unmute")

    def set_debounce(self, seconds: float | None) -> None:
        self.calls.append(f"debounce {seconds}")

    def speak_notice(self, delivery: Delivery) -> None:
        self.calls.append(f"speak {delivery.entry.notification.code}")

    def chime(self, delivery: Delivery) -> None:
        self.calls.append(f"chime {delivery.entry.notification.code}")

    async def close(self) -> None:
        self.calls.append("close")


class RecordingHandle(SessionHandle):
    """A session handle that needs no engine thread."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge, FakeSession)
        self.fake = FakeSession(bridge.publish)

    def open(self) -> None:
        self.fake.calls.append("open")

    def press(self) -> None:
        self.fake.press()

    def release(self) -> None:
        self.fake.release()

    def submit(self, text: str) -> None:
        self.fake.submit(text)

    def stop(self) -> None:
        self.fake.stop()

    def set_listening(self, mode: ListeningMode) -> None:
        self.fake.set_listening(mode)

    def set_muted(self, muted: bool) -> None:
        self.fake.set_muted(muted)

    def set_debounce(self, seconds: float | None) -> None:
        self.fake.set_debounce(seconds)

    def speak_notice(self, delivery: Delivery) -> None:
        self.fake.speak_notice(delivery)

    def chime(self, delivery: Delivery) -> None:
        self.fake.chime(delivery)

    def close(self) -> None:
        self.fake.calls.append("close")


class FakeHotkey:
    """A talk key that is pressed by the test; with a reason it is not available."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        self.press: KeyCallback = lambda: None
        self.release: KeyCallback = lambda: None
        self.stopped = False

    def start(self, on_press: KeyCallback, on_release: KeyCallback) -> None:
        if self.reason:
            raise HotkeyError("wayland", self.reason)
        self.press, self.release = on_press, on_release

    def stop(self) -> None:
        self.stopped = True


class Desk:
    """A core on fakes: events are published by the test and arrive at once."""

    def __init__(
        self,
        mode: Literal["hold", "toggle"] = "hold",
        clock: Callable[[], float] = lambda: 0.0,
        listening: ListeningMode = ListeningMode.PUSH_TO_TALK,
        lock: Lock | None = None,
    ) -> None:
        self.bridge = Bridge()
        self.handle = RecordingHandle(self.bridge)
        self.hotkey = FakeHotkey()
        self.core = ArvisCore(self.bridge, self.handle, TalkSwitch(mode, clock), self.hotkey, listening, lock)

    @property
    def calls(self) -> list[str]:
        return self.handle.fake.calls

    def tell(self, *events: object) -> None:
        for event in events:
            self.bridge.publish(event)

    def make_ready(self, *roles: Role) -> None:
        """Load the engines of these roles, all of them when none is named."""
        self.tell(
            *(EngineReady(role, f"fake-{role}", 0.1, 0.01) for role in roles or ROLES), SessionOpened(usable=True)
        )


def collect(core: ArvisCore) -> list[object]:
    """Everything that the core tells the window, in order."""
    seen: list[object] = []
    for signal in (
        core.phase_changed,
        core.overlap_changed,
        core.user_text,
        core.reply_text,
        core.reply_ended,
        core.reply_dropped,
        core.utterance_dropped,
        core.turn_measured,
        core.speculation_measured,
        core.model_measured,
        core.listening_changed,
        core.microphone_changed,
        core.debounce_changed,
        core.input_level,
        core.notice,
        core.engine_changed,
        core.opened,
        core.muted_changed,
        core.lock_changed,
        core.hotkey_changed,
    ):
        signal.connect(seen.append)
    return seen
