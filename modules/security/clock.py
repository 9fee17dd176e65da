"""Time that setting the date does not change."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def uptime() -> float:
    """Seconds since the machine was started, the time it slept included where the system counts that."""
    with suppress(AttributeError, OSError):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def boot() -> str:
    """Tells one run of the machine, in which `uptime` grows, from the next; or one process, where that is not known."""
    with suppress(OSError):
        return _BOOT_ID.read_text("ascii").strip()
    return os.urandom(8).hex()
