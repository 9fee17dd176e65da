"""Metrics in the format that Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from modules.metrics.base import PREFIX, Kind, Metric
from modules.metrics.collector import Series

if TYPE_CHECKING:
    from prometheus_client import metrics_core


class Exposition:
    """Writes series down, in a registry of its own.

    Args:
        series: Gives those of one metric next to each other; called for each page, from any thread.
    """

    def __init__(self, series: Callable[[], Sequence[Series]]) -> None:
        from prometheus_client import CollectorRegistry

        self._series = series
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def collect(self) -> Iterator[metrics_core.Metric]:
        """All metrics that have a series."""
        for _, found in groupby(self._series(), lambda series: series.metric.name):
            same = list(found)
            yield _family(same[0].metric, same)

    def page(self, accept: str = "") -> tuple[bytes, str]:
        """The page and its content type.

        Args:
            accept: What the reader can read, as in the header of that name.
        """
        from prometheus_client.exposition import choose_encoder

        try:
            encode, content_type = choose_encoder(accept)
        except (TypeError, ValueError):  # a version that is none
            encode, content_type = choose_encoder("")
        return encode(self._registry), content_type


def _family(metric: Metric, found: Iterable[Series]) -> metrics_core.Metric:
    from prometheus_client import metrics_core

    name = PREFIX + metric.name
    if metric.kind is Kind.COUNTER:
        counter = metrics_core.CounterMetricFamily(name, metric.help, labels=metric.labels)
        for series in found:
            counter.add_metric(series.labels, series.value)
        return counter
    if metric.kind is Kind.GAUGE:
        gauge = metrics_core.GaugeMetricFamily(name, metric.help, labels=metric.labels)
        for series in found:
            gauge.add_metric(series.labels, series.value)
        return gauge
    histogram = metrics_core.HistogramMetricFamily(name, metric.help, labels=metric.labels)
    bounds = [*(f"{bound:g}" for bound in metric.buckets), "+Inf"]
    for series in found:
        buckets = list(zip(bounds, map(float, accumulate(series.counts or ())), strict=True))
        histogram.add_metric(series.labels, buckets, series.value)
    return histogram
