"""Checks of the machine: disk and memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from modules.health.base import Finding, Status
from utils.files import FileError, write_atomic

MEGABYTE = 1_000_000
LITTLE_DISK = 1000 * MEGABYTE
"""Free bytes below which a model that is unpacked or added may not fit."""
NO_DISK = 50 * MEGABYTE
"""Free bytes below which not even logs and recordings fit."""
LITTLE_MEMORY = 300 * MEGABYTE
"""Free bytes below which the system begins to swap while Arvis works."""
NO_MEMORY = 50 * MEGABYTE
"""Free bytes below which the system begins to end programs."""
GROWTH = 0.5
"""Part by which Arvis may grow while it works; conversations, caches and fragments need far less."""
LEAST_GROWTH = 200 * MEGABYTE
"""Bytes that are no cause for alarm, however small it was in the beginning."""
_PROBE = ".health"


def free_bytes(folder: Path) -> int:
    """What a user may still write into a folder that exists."""
    return shutil.disk_usage(folder).free


def check_disk(folder: Path, free: Callable[[Path], int] = free_bytes) -> Finding:
    """Free space where Arvis keeps its files, and whether it can write there: it does, a little.

    Args:
        folder: Made if it is missing.
        free: Tells the free bytes of a folder; raises OSError when that cannot be found out.
    """
    try:
        write_atomic(folder / _PROBE, b"\n")
        (folder / _PROBE).unlink(missing_ok=True)
    except FileError as error:
        return Finding(Status.UNHEALTHY, error.message, "Make room there, or give yourself the right to write.")
    try:
        left = free(folder)
    except OSError as error:
        return Finding(
            Status.UNKNOWN, f"How much is free for {folder} cannot be found out ({error.strerror or error})."
        )
    figures = {"free_mb": left // MEGABYTE}
    reason = f"{left / (1000 * MEGABYTE):.1f} GB are free for {folder}."
    if left >= LITTLE_DISK:
        return Finding(Status.HEALTHY, reason, figures=figures)
    status = Status.DEGRADED if left >= NO_DISK else Status.UNHEALTHY
    return Finding(status, reason, "Free some disk space.", figures)


def resident_bytes() -> int:
    """Memory that this process has in use."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def available_bytes() -> int:
    """Memory that programs can get without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)


def check_memory(
    engines_bytes: int | None,
    window_bytes: int | None,
    *,
    engines_limit: int,
    window_limit: int,
    available: Callable[[], int] = available_bytes,
) -> Finding:
    """What Arvis needs, and what is free beside it.

    Args:
        engines_bytes: Resident with all engines loaded; None when they were not all loaded.
        window_bytes: Resident in the window's process before any engine loads; None when it was not measured.
        engines_limit: What the engines may need.
        window_limit: What the window may need.
        available: Tells the free bytes.
    """
    free = available()
    known = [
        ("All engines loaded", engines_bytes, engines_limit, "because not every engine works"),
        ("the window alone", window_bytes, window_limit, "because it does not start"),
    ]
    parts = [
        f"{title}: "
        + (f"{used // MEGABYTE} MB (at most {limit // MEGABYTE})" if used is not None else f"not measured, {obstacle}")
        for title, used, limit, obstacle in known
    ]
    reason = f"{'; '.join(parts)}; {free // MEGABYTE} MB are free."
    figures = {"free_mb": float(free // MEGABYTE)}
    if engines_bytes is not None:
        figures["engines_mb"] = engines_bytes // MEGABYTE
    if window_bytes is not None:
        figures["window_mb"] = window_bytes // MEGABYTE
    if (short := _short(free, reason, figures)) is not None:
        return short
    if any(used is not None and used > limit for _, used, limit, _ in known):
        return Finding(Status.DEGRADED, reason, "Use smaller models if memory is short.", figures)
    if engines_bytes is None or window_bytes is None:
        return Finding(Status.UNKNOWN, reason, "Mend that first, and look again.", figures)
    return Finding(Status.HEALTHY, reason, figures=figures)


def check_free_memory(needed: int, available: Callable[[], int] = available_bytes) -> Finding:
    """Whether there is room for Arvis, before anything is loaded.

    Args:
        needed: Bytes with all engines loaded.
        available: Tells the free bytes.
    """
    free = available()
    reason = f"{free // MEGABYTE} MB are free; Arvis needs {needed // MEGABYTE} MB with all engines loaded."
    figures = {"free_mb": float(free // MEGABYTE), "needed_mb": float(needed // MEGABYTE)}
    if (short := _short(free, reason, figures)) is not None:
        return short
    if free < needed:
        return Finding(Status.DEGRADED, reason, "Close other programs, or use smaller models.", figures)
    return Finding(Status.HEALTHY, reason, figures=figures)


class MemoryWatch:
    """Whether memory runs short while Arvis works, and whether Arvis itself grows.

    Args:
        is_loaded: Whether all engines are loaded; what Arvis has then is what it is compared with later.
        available: Tells the free bytes.
        resident: Tells what this process has in use.
    """

    def __init__(
        self,
        is_loaded: Callable[[], bool],
        available: Callable[[], int] = available_bytes,
        resident: Callable[[], int] = resident_bytes,
    ) -> None:
        self._is_loaded = is_loaded
        self._available = available
        self._resident = resident
        self._base: int | None = None

    def check(self) -> Finding:
        """Look at it now."""
        free, used = self._available(), self._resident()
        if self._base is None and self._is_loaded():
            self._base = used
        figures = {"free_mb": float(free // MEGABYTE), "resident_mb": float(used // MEGABYTE)}
        reason = f"Arvis has {used // MEGABYTE} MB; {free // MEGABYTE} MB are free."
        if self._base is not None:
            grown = used - self._base
            figures["grown_mb"] = float(grown // MEGABYTE)
            if grown > max(GROWTH * self._base, LEAST_GROWTH):
                reason = f"{reason} It has grown by {grown // MEGABYTE} MB since its engines were loaded."
                return _short(free, reason, figures) or Finding(
                    Status.DEGRADED, reason, "Start Arvis again when there is time.", figures
                )
        return _short(free, reason, figures) or Finding(Status.HEALTHY, reason, figures=figures)


def _short(free: int, reason: str, figures: dict[str, float]) -> Finding | None:
    """The finding where memory is short, whatever else is the case."""
    if free >= LITTLE_MEMORY:
        return None
    status = Status.DEGRADED if free >= NO_MEMORY else Status.UNHEALTHY
    return Finding(status, reason, "Close other programs, or use smaller models.", figures)
