"""Takes measurements from any thread, adds them up, and keeps them until somebody stores them."""

from __future__ import annotations

import math
import re
import threading
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from modules.metrics.base import Kind, Metric, Sample
from modules.metrics.catalogue import CATALOGUE, DROPPED

MAX_SERIES = 64
"""Combinations of label values of one metric; what comes after them is counted as "other"."""
MAX_PENDING = 20_000
"""Measurements that are kept until they are stored; the oldest give way."""
LABEL_LENGTH = 64
OTHER = "other"
_FOREIGN = re.compile(r"[^\w.:+@ -]")

Key = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class Series:
    """What one metric with one set of label values has come to."""

    metric: Metric
    labels: tuple[str, ...]
    """Values, in the order of the metric's labels."""
    value: float = 0.0
    """Of a counter or gauge; of a histogram, the sum."""
    counts: list[int] | None = None
    """Of a histogram: measurements in each bucket, not cumulative; the last is above all bounds."""
    time: float = 0.0
    """Unix seconds of the last change; 0 for a counter that only shows that it is there."""
    pending: float | None = None
    """Of a counter, what was added since the last `drain`; of a gauge, its value if it was set since then."""


class MetricsCollector:
    """Counters, gauges and histograms. Every method may be called from any thread and returns at once.

    Args:
        metrics: Name to metric.
        clock: Unix seconds.
    """

    def __init__(self, metrics: Mapping[str, Metric] = CATALOGUE, clock: Callable[[], float] = time.time) -> None:
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._series: dict[Key, Series] = {}
        self._sizes: dict[str, int] = {}
        self._advanced: dict[Key, float] = {}
        self._measured: deque[Sample] = deque()
        for metric in metrics.values():
            for labels in metric.known:
                self._find(metric, labels)

    def increment(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Let a counter grow.

        Raises:
            ValueError: There is no such counter with these labels, or `amount` is negative.
        """
        if amount < 0:
            raise ValueError(f"{name} only grows, not by {amount}")
        self._take(name, Kind.COUNTER, amount, labels)

    def advance(self, name: str, total: float, **labels: str) -> None:
        """Let a counter grow by what somebody else's count has grown since the last call; that may begin at 0 again.

        Raises:
            ValueError: There is no such counter with these labels.
        """
        key = (name, tuple(labels.values()))
        with self._lock:
            before = self._advanced.get(key, 0.0)
            self._advanced[key] = total
        self.increment(name, total - before if total >= before else total, **labels)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge.

        Raises:
            ValueError: There is no such gauge with these labels.
        """
        self._take(name, Kind.GAUGE, value, labels)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add one measurement to a histogram.

        Raises:
            ValueError: There is no such histogram with these labels.
        """
        self._take(name, Kind.HISTOGRAM, value, labels)

    def drain(self) -> list[Sample]:
        """What came since the last call: each measurement, the growth of each counter, each gauge that was set."""
        now = self._clock()
        with self._lock:
            samples = list(self._measured)
            self._measured.clear()
            for series in self._series.values():
                if series.pending is not None:
                    when = series.time if series.metric.kind is Kind.GAUGE else now
                    samples.append(Sample(when, series.metric.name, series.pending, _pairs(series)))
                    series.pending = None
        return samples

    def restore(self, sample: Sample) -> None:
        """Add a sample from the store, without having it stored again; one of no known metric is passed over."""
        metric = self._metrics.get(sample.name)
        given = dict(sample.labels)
        if metric is None or set(given) != set(metric.labels):
            return
        with self._lock:
            series = self._find(metric, tuple(given[label] for label in metric.labels))
            if metric.kind is not Kind.GAUGE or sample.time >= series.time:
                _add(series, sample.value, max(sample.time, series.time))

    def series(self) -> list[Series]:
        """Copies of all series, in the order of the metrics."""
        with self._lock:
            found = [
                Series(each.metric, each.labels, each.value, None if each.counts is None else [*each.counts], each.time)
                for each in self._series.values()
            ]
        order = {name: place for place, name in enumerate(self._metrics)}
        return sorted(found, key=lambda series: (order[series.metric.name], series.labels))

    def _take(self, name: str, kind: Kind, value: float, labels: dict[str, str]) -> None:
        metric = self._metrics.get(name)
        if metric is None or metric.kind is not kind or len(labels) != len(metric.labels):
            raise ValueError(f"there is no {kind} {name} with the labels {', '.join(labels) or 'none'}")
        try:
            values = tuple([labels[label] for label in metric.labels])
        except KeyError as error:
            raise ValueError(f"{name} has a label {error}") from error
        now = self._clock()
        with self._lock:
            if not math.isfinite(value):
                self._drop()
                return
            series = self._series.get((name, values)) or self._find(metric, values)
            _add(series, value, now)
            if kind is Kind.GAUGE:
                series.pending = value
                return
            if kind is Kind.COUNTER:
                series.pending = (series.pending or 0.0) + value or None
                return
            if len(self._measured) >= MAX_PENDING:
                self._measured.popleft()
                self._drop()
            self._measured.append(Sample(now, name, value, _pairs(series)))

    def _find(self, metric: Metric, values: tuple[str, ...]) -> Series:
        values = tuple(_clean(value) for value in values)
        size = self._sizes.get(metric.name, 0)
        if (metric.name, values) not in self._series and size >= MAX_SERIES:
            values = (OTHER,) * len(values)
        key = (metric.name, values)
        if key not in self._series:
            counts = [0] * (len(metric.buckets) + 1) if metric.kind is Kind.HISTOGRAM else None
            self._series[key] = Series(metric, values, counts=counts)
            self._sizes[metric.name] = size + 1
        return self._series[key]

    def _drop(self) -> None:
        if DROPPED.name in self._metrics:
            series = self._find(DROPPED, ())
            _add(series, 1.0, self._clock())
            series.pending = 1.0 + (series.pending or 0.0)


def _add(series: Series, value: float, when: float) -> None:
    if series.counts is not None:
        series.counts[bisect_left(series.metric.buckets, value)] += 1
    series.value = value if series.metric.kind is Kind.GAUGE else series.value + value
    series.time = when


def _pairs(series: Series) -> tuple[tuple[str, str], ...]:
    return tuple(zip(series.metric.labels, series.labels, strict=True))


def _clean(value: str) -> str:
    """A label's value: names and codes as they are; of a path only the last part, so that no folder is told."""
    return _FOREIGN.sub("_", value.replace("\\", "/").rstrip("/").rpartition("/")[2])[:LABEL_LENGTH] or "none"
