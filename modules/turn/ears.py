"""The open microphone as a device: opened, closed, lost, and opened again when it is back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from modules.audio.base import AudioChunk, AudioError, AudioSource
from utils.errors import ArvisError

log = logging.getLogger(__name__)

OPEN_SECONDS = 6.0
"""A device that takes longer to open does not work."""
SILENT_SECONDS = 4.0
"""A device that gives nothing at all for so long has been lost, whether its driver knows it or not."""
RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0)
"""Pauses before a device that failed is tried again; the last one again and again."""


async def open_in_time(source: AudioSource, sentence: str) -> None:
    """Open a source, but wait `OPEN_SECONDS` at most.

    Raises:
        AudioError: `device-timeout`, with `sentence` for the user; or what the source raises.
    """
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            await source.open()
    except TimeoutError as error:
        raise AudioError("device-timeout", sentence) from error


class Ears:
    """Keeps a source open while it is wanted. Everything is called on the event loop.

    Args:
        source: The microphone.
        microphone: Held while the source is open: a source has one owner at a time.
        on_chunk: Called with each chunk; must return at once.
        on_open: Called when the source was opened, and when it was closed.
        on_trouble: Called when the source fails, once until it works again.
        on_end: Called when the source ended by itself, as a file does.
    """

    def __init__(
        self,
        source: AudioSource,
        microphone: asyncio.Lock,
        *,
        on_chunk: Callable[[AudioChunk], None],
        on_open: Callable[[bool], None],
        on_trouble: Callable[[ArvisError], None],
        on_end: Callable[[], None],
    ) -> None:
        self._source = source
        self._microphone = microphone
        self._on_chunk = on_chunk
        self._on_open = on_open
        self._on_trouble = on_trouble
        self._on_end = on_end
        self._task: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._failures = 0
        """Attempts that failed since the last sound."""

    @property
    def wanted(self) -> bool:
        """Whether the source is kept open."""
        return self._task is not None

    def open(self) -> None:
        """Open the source as soon as it is free, and keep it open."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep_open(), name="ears")

    def close(self) -> None:
        """Close the source; no chunk is passed on after this call, though the device may take a moment to close."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def closed(self) -> None:
        """Wait until the device is closed."""
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _keep_open(self) -> None:
        while True:
            try:
                async with self._microphone:
                    await self._listen()
                if self._is_wanted():
                    self._task = None
                return
            except ArvisError as error:
                trouble = error
            except Exception as error:  # drivers may raise anything, and the next attempt may work
                log.exception("the open microphone failed")
                trouble = AudioError("unexpected", f"The microphone failed ({type(error).__name__}). I keep trying.")
            if not self._is_wanted():  # it was closed meanwhile, and that is what failed
                return
            if self._failures == 0:
                self._on_trouble(trouble)
            await asyncio.sleep(RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)])
            self._failures += 1

    async def _listen(self) -> None:
        is_open = False
        try:
            await open_in_time(
                self._source, "The microphone does not open. Unplug it and plug it in again; I keep trying."
            )
            is_open = True
            self._on_open(True)
            if await self._pass_on():
                self._on_end()
        finally:
            try:
                await self._source.close()
            finally:
                if is_open:
                    self._on_open(False)

    async def _pass_on(self) -> bool:
        """Pass chunks on until the source ends; return whether it is still wanted then."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(SILENT_SECONDS) as limit:
                async for chunk in self._source.chunks():
                    if not self._is_wanted():
                        return False
                    limit.reschedule(loop.time() + SILENT_SECONDS)
                    self._on_chunk(chunk)
                    self._failures = 0  # it works only if what hears with it does
        except TimeoutError as error:
            raise AudioError("device-lost", "The microphone gives no sound any more. I keep trying.") from error
        return self._is_wanted()

    def _is_wanted(self) -> bool:
        """Whether what runs now is to go on; whoever is called by it may have closed the source."""
        return self._task is asyncio.current_task()
