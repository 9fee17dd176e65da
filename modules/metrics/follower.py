"""Keeps a collector up with a store that another process writes."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from modules.metrics.base import Kind
from modules.metrics.collector import MetricsCollector, Series
from modules.metrics.segments import Segment, segments
from modules.metrics.store import from_record

STARTED = "process_start_time_seconds"
STALE_SECONDS = 120.0
"""Without a sample for so long, whoever stored them has ended, and gauges are not shown; the least."""
MISSED = 3
"""Looks at the machine after which the same is true, when none of them was stored."""


class Follower:
    """Reads what is new in the store, each sample once.

    Args:
        folder: Of the store.
        collector: Takes the samples.
        interval: Seconds between two looks at the machine.
    """

    def __init__(self, folder: Path, collector: MetricsCollector, interval: float = 10.0) -> None:
        self._folder = folder
        self._collector = collector
        self._stale_seconds = max(STALE_SECONDS, MISSED * interval)
        self._lock = threading.Lock()
        self._current: Segment | None = None
        self._offset = 0
        self.newest = 0.0
        """Unix seconds of the newest sample so far."""
        self._started = 0.0
        """Unix seconds at which the last process that stored something began."""

    def catch_up(self) -> None:
        """Read what has come since the last call; what has been removed meanwhile stays counted."""
        with self._lock:
            for segment in segments(self._folder):
                if self._current is None or segment > self._current:
                    self._current, self._offset = segment, 0
                if segment == self._current:
                    self._read(segment.samples)

    def series(self, now: float) -> list[Series]:
        """All series, without the gauges of a process that has ended.

        Args:
            now: Unix seconds.
        """
        runs = now - self.newest <= self._stale_seconds
        return [
            series
            for series in self._collector.series()
            if series.metric.kind is not Kind.GAUGE or (runs and series.time >= self._started)
        ]

    def _read(self, path: Path) -> None:
        try:
            with open(path, "rb") as file:
                file.seek(self._offset)
                for line in file:
                    if not line.endswith(b"\n"):  # it is still being written
                        break
                    self._offset += len(line)
                    self._take(line)
        except FileNotFoundError:  # it has just given way
            return

    def _take(self, line: bytes) -> None:
        try:
            record = json.loads(line)
        except ValueError:
            return
        sample = from_record(record) if isinstance(record, dict) else None
        if sample is not None:
            self.newest = max(self.newest, sample.time)
            if sample.name == STARTED:
                self._started = sample.value
            self._collector.restore(sample)
