"""The session as the GUI thread sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from arvis.bridge import Bridge
from arvis.core.snapshot import SessionOpened
from modules.turn.events import SessionEvent

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

    async def close(self) -> None:
        """Release engines and devices."""
        ...


SessionFactory = Callable[[Listener], SessionLike]
"""Builds the session; called on the engine loop, so it may import what it needs."""


class SessionHandle:
    """Carries each call over to the engine loop, where the session lives and where it is built.

    Calls before the session exists, or after it could not be built, do nothing.
    """

    def __init__(self, bridge: Bridge, factory: SessionFactory) -> None:
        self._bridge = bridge
        self._factory = factory
        self._session: SessionLike | None = None

    def open(self) -> None:
        """Start the engine thread, build the session there and load it; `SessionOpened` tells when that is over."""
        self._bridge.start()
        self._bridge.run(self._open())

    def press(self) -> None:
        """The user begins to talk."""
        self._bridge.call(self._on_loop, lambda session: session.press())

    def release(self) -> None:
        """The user has finished talking."""
        self._bridge.call(self._on_loop, lambda session: session.release())

    def submit(self, text: str) -> None:
        """The user typed `text`."""
        self._bridge.call(self._on_loop, lambda session: session.submit(text))

    def stop(self) -> None:
        """The user wants silence."""
        self._bridge.call(self._on_loop, lambda session: session.stop())

    def close(self) -> None:
        """Close the session and end the engine thread."""
        self._bridge.stop(self._close)

    async def _open(self) -> None:
        try:
            self._session = self._factory(self._bridge.publish)
            await self._session.load()
        finally:
            self._bridge.publish(SessionOpened(usable=self._session is not None))

    async def _close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _on_loop(self, act: Callable[[SessionLike], None]) -> None:
        if self._session is not None:
            act(self._session)
