"""The figures of a running session: collected, stored, and served where the settings want that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arvis import __version__
from arvis.security import secret_store
from arvis.services import Services
from modules.fallback.events import SwitchEvent
from modules.health.report import Transition
from modules.metrics.collector import MetricsCollector
from modules.metrics.recorder import SessionRecorder
from modules.metrics.server import Health, MetricsServer
from modules.metrics.service import MetricsService
from modules.metrics.serving import serve_collector
from modules.metrics.store import MEGABYTE, MetricsStore
from modules.metrics.system import SystemSampler
from modules.network.policy import POLICY
from modules.tracing.otlp import OtlpExporter
from modules.tracing.tracer import TurnTracer
from modules.turn.events import SessionEvent
from utils import paths
from utils.discretion import redact
from utils.errors import ArvisError

if TYPE_CHECKING:
    from modules.tts.cache import CachingSynthesizer

TOKEN = "metrics.token"
"""Name of the secret that readers of the served figures have to show."""


class Figures:
    """Takes what a session tells. Everything is called on the event loop.

    Args:
        services: Has the collector and the settings.
        complain: Told what does not work of that; everything else goes on.
    """

    def __init__(self, services: Services, complain: Callable[[ArvisError], None]) -> None:
        settings = services.settings.metrics
        self._services = services
        self._complain = complain
        self._settings = settings
        self._collector = services.collector
        self._recorder = SessionRecorder(services.collector) if settings.enabled else None
        self._tracer: TurnTracer | None = None
        self._exporter: OtlpExporter | None = None
        self.caches: list[CachingSynthesizer] = []
        """What keeps speech that was made before; their hits are counted."""
        self._service: MetricsService | None = None
        self._server: MetricsServer | None = None

    async def open(self, live: Health, ready: Health) -> None:
        """Begin to store, and to serve where that is wanted; what does not work is told.

        Args:
            live: Whether Arvis runs.
            ready: Whether it can be talked to.
        """
        if self._services.settings.tracing.enabled:
            await self._begin_tracing(self._services.settings.tracing.endpoint)
        if not self._settings.enabled:
            return
        store = MetricsStore(paths.data_dir() / "metrics", self._settings.max_mb * MEGABYTE)
        self._service = MetricsService(
            self._collector,
            store,
            lambda: _Samplers(SystemSampler(paths.data_dir()), self.caches),
            self._settings.interval_seconds,
        )
        self._service.start()
        if self._settings.serve:
            try:
                self._server = await asyncio.to_thread(self._serve, live, ready)
            except ArvisError as error:
                self._complain(error)

    async def close(self) -> None:
        """Count the last turn, store what there is, and serve no more."""
        if self._recorder is not None:
            self._recorder.close()
        if self._service is not None:
            await asyncio.to_thread(self._service.close)
        if self._server is not None:
            await asyncio.to_thread(self._server.close)
        if self._tracer is not None and self._exporter is not None:  # last, as it may wait for another machine
            self._tracer.close()
            await asyncio.to_thread(self._exporter.close)

    def take(self, event: SessionEvent) -> None:
        """Count an event."""
        if self._tracer is not None:
            self._tracer(event)
        if self._recorder is not None:
            self._recorder(event)

    def switched(self, event: SwitchEvent) -> None:
        """Count that an engine stands in for another one."""
        if self._recorder is not None and event.error is not None:
            self._recorder.switched(event.stage, event.added_seconds)

    def health(self, change: Transition) -> None:
        """Take what a check has found."""
        if self._recorder is not None:
            self._recorder.health(change.name, change.new.name)

    async def _begin_tracing(self, endpoint: str) -> None:
        try:
            self._exporter = await asyncio.to_thread(OtlpExporter, endpoint, POLICY, version=__version__)
        except ArvisError as error:
            self._complain(error)
        else:
            self._tracer = TurnTracer(self._exporter.give)

    def _serve(self, live: Health, ready: Health) -> MetricsServer:
        token = secret_store(self._services.ask).get(TOKEN) or ""
        redact(token)
        return serve_collector(self._collector, live, ready, port=self._settings.port, token=token)


@dataclass(frozen=True, slots=True)
class _Samplers:
    """What is looked at every so often."""

    system: SystemSampler
    caches: list[CachingSynthesizer]

    def sample(self, collector: MetricsCollector) -> None:
        """Set the gauges of the machine, and count what was not synthesised again."""
        self.system.sample(collector)
        found = [cache.stats for cache in self.caches]
        collector.advance("tts_cache_lookups_total", sum(stats.hits for stats in found), result="hit")
        collector.advance("tts_cache_lookups_total", sum(stats.misses for stats in found), result="miss")
