"""An installation that several wait for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from modules.models.base import ModelError
from modules.models.progress import Progress, ProgressObserver


class Shared:
    """The task of an installation, those who wait for it, and their observers."""

    def __init__(self) -> None:
        self.task: asyncio.Task[Path] | None = None
        self.reason: ModelError | None = None
        """Why it was stopped, where somebody has."""
        self._waiting = 0
        self._observers: list[ProgressObserver] = []

    def report(self, progress: Progress) -> None:
        """Tell all observers."""
        for observer in tuple(self._observers):
            observer(progress)

    async def wait(self, observer: ProgressObserver | None) -> Path:
        """Return when it is done; the last one to stop waiting stops the installation, too.

        Raises:
            ModelError: It has failed, or was stopped.
            OfflineError: Arvis is offline.
            FileError: Something that must not be written through is in the way.
        """
        assert self.task is not None
        if observer is not None:
            self._observers.append(observer)
        self._waiting += 1
        try:
            return await asyncio.shield(self.task)
        except asyncio.CancelledError:
            if self._waiting == 1 and not self.task.done():
                self.task.cancel()
                await asyncio.wait([self.task])
            raise
        finally:
            self._waiting -= 1
            if observer is not None:
                self._observers.remove(observer)
