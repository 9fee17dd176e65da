"""Has the machine looked at and the figures stored, every so often, on a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from modules.metrics.base import Sample
from modules.metrics.collector import MAX_PENDING, MetricsCollector
from modules.metrics.store import MetricsStore
from utils.files import FileError

log = logging.getLogger(__name__)

END_SECONDS = 5.0
"""How long `close` waits for the last figures to be stored."""


class Sampler(Protocol):
    """Sets gauges when it is asked to."""

    def sample(self, collector: MetricsCollector) -> None:
        """Set the gauges."""
        ...


class MetricsService:
    """Stores what a collector takes.

    Args:
        collector: Takes the figures.
        store: Keeps them.
        build_sampler: Makes what looks at the machine; called on the thread, for it takes some milliseconds.
        interval: Seconds from one look to the next.
    """

    def __init__(
        self,
        collector: MetricsCollector,
        store: MetricsStore,
        build_sampler: Callable[[], Sampler] | None = None,
        interval: float = 10.0,
    ) -> None:
        self._collector = collector
        self._store = store
        self._build_sampler = build_sampler
        self._interval = interval
        self._sampler: Sampler | None = None
        self._waiting: list[Sample] = []
        self._full = False
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)

    def start(self) -> None:
        """Begin; the first look is taken at once."""
        self._thread.start()

    def close(self) -> None:
        """Store what there is and end."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(END_SECONDS)

    def tick(self) -> None:
        """Look at the machine and store what there is; what cannot be stored is tried again the next time."""
        if self._build_sampler is not None and self._sampler is None:
            self._sampler = self._build_sampler()
        if self._sampler is not None:
            self._sampler.sample(self._collector)
        self._waiting = [*self._waiting, *self._collector.drain()][-MAX_PENDING:]
        try:
            self._store.append(self._waiting)
        except FileError as error:
            if not self._full:
                log.warning("no figures are stored at present: %s", error.message)
            self._full = True
        else:
            self._waiting, self._full = [], False

    def _run(self) -> None:
        while not self._end.is_set():
            self.tick()
            self._end.wait(self._interval)
        self.tick()  # what came since the last look
