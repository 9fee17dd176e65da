"""What Arvis takes of the machine, and what the machine has left."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from modules.metrics.collector import MetricsCollector
from modules.metrics.gpu import Gpus

if TYPE_CHECKING:
    import psutil


class SystemSampler:
    """Looks at the process and the machine. Built and asked by one thread, for it takes some milliseconds.

    Args:
        folder: Where Arvis keeps its data; its disk is looked at.
        gpus: The graphics cards; None to look for them.
    """

    def __init__(self, folder: Path, gpus: Gpus | None = None) -> None:
        import psutil

        self._psutil = psutil
        self._folder = folder
        self._process = psutil.Process()
        self._gpus = gpus if gpus is not None else Gpus()
        self._started = False
        self._process.cpu_percent()  # the first call only begins to measure
        psutil.cpu_percent()

    def sample(self, collector: MetricsCollector) -> None:
        """Set the gauges; what the system does not tell is left out."""
        if not self._started:
            self._started = True
            collector.set("process_start_time_seconds", self._process.create_time())
        collector.set("machine_cpu_ratio", self._psutil.cpu_percent() / 100.0)
        collector.set("machine_available_memory_bytes", float(self._psutil.virtual_memory().available))
        with contextlib.suppress(OSError):
            folder = next(place for place in (self._folder, *self._folder.parents) if place.exists())
            collector.set("disk_free_bytes", float(self._psutil.disk_usage(str(folder)).free))
        with contextlib.suppress(self._psutil.Error):
            self._sample_process(collector, self._process)
        self._gpus.sample(collector)

    def _sample_process(self, collector: MetricsCollector, process: psutil.Process) -> None:
        with process.oneshot():
            collector.set("process_cpu_ratio", process.cpu_percent() / 100.0)
            collector.set("process_resident_memory_bytes", float(process.memory_info().rss))
            collector.set("process_threads", float(process.num_threads()))
            if hasattr(process, "num_fds"):  # not on Windows
                collector.set("process_open_files", float(process.num_fds()))
