"""The way from an audio callback to a waiting coroutine."""

from __future__ import annotations

import asyncio

from utils.aio import call_on


class Wakeup:
    """Wakes one waiting coroutine from any thread; signals given while nobody looked count as one.

    Whoever waits looks at what it waits for after every return of `wait`. Built on the loop that waits.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self._signalled = False

    def signal(self) -> None:
        """Wake the coroutine that waits, or the next one; does not block."""
        if self._signalled:
            return
        self._signalled = True
        call_on(self._loop, self._event.set)

    async def wait(self) -> None:
        """Wait for a signal given since the last wait."""
        await self._event.wait()
        self._event.clear()
        self._signalled = False
