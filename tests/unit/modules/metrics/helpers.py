"""What several tests of the metrics need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from modules.metrics.aggregate import summarise
from modules.metrics.base import Kind, Metric, Sample
from modules.metrics.collector import MetricsCollector
from modules.turn.events import SessionEvent
from modules.turn.session import TurnSession
from tests.fakes.desk import Desk, play

SMALL = {
    metric.name: metric
    for metric in (
        Metric("calls_total", Kind.COUNTER, "Calls.", ("who",)),
        Metric("bells_total", Kind.COUNTER, "Bells.", known=((),)),
        Metric("level", Kind.GAUGE, "A level."),
        Metric("seconds", Kind.HISTOGRAM, "Seconds.", ("stage",), (0.1, 1.0)),
    )
}


@dataclass
class Clock:
    """Unix seconds that only a test moves."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class WatchedDesk(Desk):
    """A session over fakes with a further listener."""

    listener: Callable[[SessionEvent], None] = field(default=lambda _: None)

    def __call__(self, event: SessionEvent) -> None:
        super().__call__(event)
        self.listener(event)


def watch(
    listener: Callable[[SessionEvent], None], script: Callable[[TurnSession], Awaitable[None]], **parts: object
) -> Desk:
    """Run a script on a session that `listener` listens to."""
    desk = WatchedDesk(listener=listener, **parts)  # type: ignore[arg-type]
    play(desk, script)
    return desk


def totals(collector: MetricsCollector, name: str) -> dict[tuple[str, ...], float]:
    """Label values to what a counter or gauge has come to, without zeros."""
    return {one.labels: one.value for one in collector.series() if one.metric.name == name and one.value}


def means(collector: MetricsCollector, name: str) -> dict[tuple[str, ...], float]:
    """Label values to the mean of a histogram."""
    return {
        one.labels: one.value / sum(one.counts)
        for one in collector.series()
        if one.metric.name == name and one.counts is not None
    }


def sample(moment: float, value: float = 1.0, name: str = "level", **labels: str) -> Sample:
    return Sample(moment, name, value, tuple(labels.items()))


__all__ = ["SMALL", "Clock", "WatchedDesk", "means", "sample", "summarise", "totals", "watch"]
