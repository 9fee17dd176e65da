"""Checks of the machine: disk and memory."""

from __future__ import annotations

import shutil
from pathlib import Path

from modules.health.base import CheckResult, Status

MEGABYTE = 1_000_000
LITTLE_DISK = 1000 * MEGABYTE
"""Free bytes below which a model that is unpacked or added may not fit."""
NO_DISK = 50 * MEGABYTE
"""Free bytes below which not even logs and recordings fit."""
LITTLE_MEMORY = 300 * MEGABYTE
"""Free bytes below which the system begins to swap while Arvis works."""


def check_disk(folder: Path) -> CheckResult:
    """Free space where models are kept; `folder` need not exist yet."""
    name = "Disk"
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    figures = {"free_mb": free // MEGABYTE}
    summary = f"{free / (1000 * MEGABYTE):.1f} GB are free for {folder}."
    if free >= LITTLE_DISK:
        return CheckResult(name, Status.HEALTHY, summary, figures=figures)
    status = Status.DEGRADED if free >= NO_DISK else Status.UNHEALTHY
    return CheckResult(name, status, summary, "Free some disk space.", figures)


def resident_bytes() -> int:
    """Memory that this process has in use."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def check_memory(
    engines_bytes: int | None, window_bytes: int | None, *, engines_limit: int, window_limit: int
) -> CheckResult:
    """What Arvis needs, and what is free beside it.

    Args:
        engines_bytes: Resident with all engines loaded; None when an engine did not load.
        window_bytes: Resident in the window's process before any engine loads; None when it could not be measured.
        engines_limit: What the engines may need.
        window_limit: What the window may need.
    """
    import psutil

    free = int(psutil.virtual_memory().available)
    known = [("All engines loaded", engines_bytes, engines_limit), ("the window alone", window_bytes, window_limit)]
    parts = [
        f"{title}: " + (f"{used // MEGABYTE} MB (at most {limit // MEGABYTE})" if used is not None else "not measured")
        for title, used, limit in known
    ]
    summary = f"{'; '.join(parts)}; {free // MEGABYTE} MB are free."
    figures = {"free_mb": float(free // MEGABYTE)}
    if engines_bytes is not None:
        figures["engines_mb"] = engines_bytes // MEGABYTE
    if window_bytes is not None:
        figures["window_mb"] = window_bytes // MEGABYTE
    if free < LITTLE_MEMORY:
        return CheckResult("Memory", Status.DEGRADED, summary, "Close other programs, or use smaller models.", figures)
    if any(used is not None and used > limit for _, used, limit in known):
        return CheckResult("Memory", Status.DEGRADED, summary, "Use smaller models if memory is short.", figures)
    status = Status.HEALTHY if engines_bytes is not None and window_bytes is not None else Status.UNKNOWN
    return CheckResult("Memory", status, summary, figures=figures)
