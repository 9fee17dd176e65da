"""Tells when the settings change while Arvis runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.document import stamp
from config.loader import Loaded, reload
from config.schema import keys
from utils.files import FileError, private_folder

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

DEBOUNCE_MS = 500
"""Longest time over which changes are gathered: an editor makes several when it saves."""
QUIET_MS = 100
"""So long after a change nothing more must happen before the file is read."""
LOOK_MS = 5000
"""The files are looked at so often where the system does not tell of their changes, as on some network drives."""


@dataclass(frozen=True, slots=True)
class Change:
    """Other settings, or other problems, than before."""

    old: Loaded
    new: Loaded
    paths: frozenset[str]
    """The settings whose values are other ones; empty where only the problems are."""

    @property
    def restart(self) -> frozenset[str]:
        """Those of the paths whose change counts only after Arvis was started again."""
        return frozenset(path for path in self.paths if keys()[path].restart)


class SettingsWatcher:
    """Reads the settings again whenever one of their files has changed.

    A file that is broken keeps the values that it had; what is wrong with it is among the problems.
    """

    def __init__(self, loaded: Loaded, *, look_ms: int = LOOK_MS) -> None:
        """Begin with these settings.

        Args:
            loaded: The settings in force.
            look_ms: How often the files are looked at where the system does not tell of changes.
        """
        self.loaded = loaded
        self._look_ms = look_ms

    async def changes(self) -> AsyncGenerator[Change, None]:
        """Yield every change, also one between loading and this call, until closed or cancelled."""
        async with aclosing(_wake_ups(_folders(self.loaded), self._look_ms)) as wake_ups:
            async for _ in wake_ups:
                change = await asyncio.to_thread(self.look)
                if change is not None:
                    yield change

    def look(self) -> Change | None:
        """Look at the files once; None where they are as they were, or mean the same. Blocks."""
        old = self.loaded
        if all(layer.stamp == stamp(layer.path) for layer in old.layers):
            return None
        new = self.loaded = reload(old)
        paths = frozenset(path for path in keys() if new.settings.get(path) != old.settings.get(path))
        return Change(old, new, paths) if paths or new.problems != old.problems else None


async def _wake_ups(folders: list[Path], look_ms: int) -> AsyncGenerator[None, None]:
    """Yield when the folders begin to be watched, when something happens in one, and every `look_ms` milliseconds."""
    from watchfiles import awatch

    # The folders, since an editor puts a new file in the place of the old one.
    told = awatch(
        *folders,
        watch_filter=None,
        debounce=DEBOUNCE_MS,
        step=QUIET_MS,
        rust_timeout=look_ms,
        yield_on_timeout=True,
        recursive=False,
    )
    try:
        async with aclosing(told):
            async with _under_way(anext(told)) as first:
                yield
                await first
            yield
            async for _ in told:
                yield
    except (OSError, RuntimeError) as error:  # no folder, or the system has no more watches to give
        log.warning("changes of the settings are noticed late: %s", type(error).__name__)
    while True:
        await asyncio.sleep(look_ms / 1000)
        yield


@asynccontextmanager
async def _under_way(waiting: Awaitable[object]) -> AsyncGenerator[Awaitable[object], None]:
    """Have something begin to wait, as a task; it is over when this is."""
    task = asyncio.ensure_future(waiting)
    await asyncio.sleep(0)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def _folders(loaded: Loaded) -> list[Path]:
    """The folders of the files."""
    found = list(dict.fromkeys(layer.path.parent for layer in loaded.layers))
    for folder in found:
        with suppress(FileError, OSError):
            private_folder(folder)
    return found
