"""The session as the GUI thread sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from arvis.bridge import Bridge
from arvis.core.snapshot import SessionOpened
from modules.notifications.base import Delivery
from modules.turn.events import SessionEvent
from modules.turn.settings import ListeningMode

Listener = Callable[[SessionEvent], None]
"""Called by a session on the engine loop."""


class SessionLike(Protocol):
    """What the core needs of a session; every call is made on the engine loop."""

    async def load(self) -> None:
        """Load the engines, telling the listener how it goes."""
        ...

    def press(self) -> None:
        """The user begins to talk."""
        ...

    def release(self) -> None:
        """The user has finished talking."""
        ...

    def submit(self, text: str) -> None:
        """The user typed something."""
        ...

    def stop(self) -> None:
        """The user wants silence."""
        ...

    def set_listening(self, mode: ListeningMode) -> None:
        """The user wants to be listened to otherwise."""
        ...

    def set_muted(self, muted: bool) -> None:
        """The user wants the microphone closed, whatever happens, or available again."""
        ...

    def set_debounce(self, seconds: float | None) -> None:
        """The user wants this silence to end an utterance; None leaves it to the session."""
        ...

    def speak_notice(self, delivery: Delivery) -> None:
        """Say a notification as soon as nothing else is going on."""
        ...

    def chime(self, delivery: Delivery) -> None:
        """Give a short sound for a notification, unless something is going on."""
        ...

    async def close(self) -> None:
        """Release engines and devices."""
        ...


SessionFactory = Callable[[Listener], SessionLike]
"""Builds the session; called on the engine loop, so it may import what it needs."""
Act = Callable[[SessionLike], None]
"""Something the user does."""


class SessionHandle:
    """Carries each call over to the engine loop, where the session lives and where it is built.

    What the user does before the session exists is done as soon as it does; when it could not be built, calls do
    nothing.
    """

    def __init__(self, bridge: Bridge, factory: SessionFactory) -> None:
        self._bridge = bridge
        self._factory = factory
        self._session: SessionLike | None = None
        self._is_open = False
        self._early: list[Act] = []

    def open(self) -> None:
        """Start the engine thread, build the session there and load it; `SessionOpened` tells when that is over."""
        self._bridge.start()
        # Not a part of `_load`: a task begins behind calls that are queued already, and they need the session.
        self._bridge.call(self._build)
        self._bridge.run(self._load())
        self._is_open = True
        for act in self._early:
            self._call(act)
        self._early.clear()

    def press(self) -> None:
        """The user begins to talk."""
        self._call(lambda session: session.press())

    def release(self) -> None:
        """The user has finished talking."""
        self._call(lambda session: session.release())

    def submit(self, text: str) -> None:
        """The user typed `text`."""
        self._call(lambda session: session.submit(text))

    def stop(self) -> None:
        """The user wants silence."""
        self._call(lambda session: session.stop())

    def set_listening(self, mode: ListeningMode) -> None:
        """The user wants to be listened to otherwise."""
        self._call(lambda session: session.set_listening(mode))

    def set_muted(self, muted: bool) -> None:
        """The user wants the microphone closed, whatever happens, or available again."""
        self._call(lambda session: session.set_muted(muted))

    def set_debounce(self, seconds: float | None) -> None:
        """The user wants this silence to end an utterance; None leaves it to the session."""
        self._call(lambda session: session.set_debounce(seconds))

    def speak_notice(self, delivery: Delivery) -> None:
        """Say a notification as soon as nothing else is going on; may be called on any thread."""
        self._bridge.call(lambda: self._on_loop(lambda session: session.speak_notice(delivery)))

    def chime(self, delivery: Delivery) -> None:
        """Give a short sound for a notification, unless something is going on; may be called on any thread."""
        self._bridge.call(lambda: self._on_loop(lambda session: session.chime(delivery)))

    def close(self) -> None:
        """Close the session and end the engine thread."""
        self._bridge.stop(self._close)

    def _call(self, act: Act) -> None:
        if self._is_open:
            self._bridge.call(self._on_loop, act)
        else:
            self._early.append(act)

    def _build(self) -> None:
        self._session = self._factory(self._bridge.publish)

    async def _load(self) -> None:
        try:
            if self._session is not None:
                await self._session.load()
        finally:
            self._bridge.publish(SessionOpened(usable=self._session is not None))

    async def _close(self) -> None:
        # Let go of it as well: native objects that live on until the process ends are reported as leaks.
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _on_loop(self, act: Act) -> None:
        if self._session is not None:
            act(self._session)
