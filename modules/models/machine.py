"""What this machine has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from modules.models.fit import Machine
from modules.models.space import free_bytes


def this_machine(folder: Path, gpu_memory: Callable[[], int] = lambda: 0) -> Machine:
    """Ask the system.

    Args:
        folder: Where models are kept, or will be.
        gpu_memory: Tells the bytes of the largest graphics card.

    Raises:
        OSError: The disk cannot be asked.
    """
    import psutil

    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    return Machine(psutil.virtual_memory().total, free_bytes(folder), cores, gpu_memory())
