"""Whether there is room on the disk: before anything is written, and again while it is."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from modules.models.base import ModelError

RESERVE_BYTES = 200_000_000
"""What is left free: the settings, the history and the rest of the desktop need to write, too."""
INTERVAL_SECONDS = 1.0
"""Between two looks while something is written."""


def free_bytes(folder: Path) -> int:
    """Bytes that may be written in a folder, or where it would be made.

    Raises:
        OSError: The disk cannot be asked.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free


class Space:
    """Looks at the disk of a folder. Thread-safe.

    Args:
        folder: Where is written.
        free: Tells the bytes that may be written there.
        clock: Seconds, growing.
    """

    def __init__(
        self,
        folder: Path,
        free: Callable[[Path], int] = free_bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._free = free
        self._clock = clock
        self._looked: float | None = None

    def require(self, needed: int) -> None:
        """Return if so many more bytes fit, and the reserve is left.

        Raises:
            ModelError: They do not; the message says how much is missing.
        """
        missing = needed + RESERVE_BYTES - self._free(self._folder)
        if missing > 0:
            raise ModelError(
                "disk-full",
                f"There is no room for the model in '{self._folder}': {max(1, round(missing / 1e6))} MB more must be "
                "free. Make room, or run `arvis models free`, and try again.",
            )

    def look(self) -> None:
        """Look again, once a second, whether the reserve is still there.

        Raises:
            ModelError: Half of it is gone.
        """
        now = self._clock()
        if self._looked is None or now - self._looked >= INTERVAL_SECONDS:
            self._looked = now
            self.require(-RESERVE_BYTES // 2)
