"""Sums samples up: how many, the extremes, the mean and the quantiles, exact, over whatever is given."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from modules.metrics.base import Sample

Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the samples of one series come to."""

    name: str
    labels: tuple[tuple[str, str], ...]
    count: int
    """Samples, at least 1."""
    total: float
    """Their sum: of a counter, what it grew by."""
    minimum: float
    maximum: float
    mean: float
    p50: float
    """Half of the samples are not above it; between two samples it is interpolated, as are the following."""
    p95: float
    p99: float

    def as_dict(self) -> dict[str, Any]:
        """As it is printed."""
        return {
            "metric": self.name,
            "labels": dict(self.labels),
            "count": self.count,
            "sum": self.total,
            "min": self.minimum,
            "max": self.maximum,
            "mean": self.mean,
            "p50": self.p50,
            "p95": self.p95,
            "p99": self.p99,
        }


class Aggregator:
    """Keeps the values of each series, eight bytes each, until they are summed up."""

    def __init__(self) -> None:
        self._values: dict[Key, array[float]] = {}

    def add(self, sample: Sample) -> None:
        """Add a sample."""
        key = (sample.name, sample.labels)
        values = self._values.get(key)
        if values is None:
            values = self._values[key] = array("d")
        values.append(sample.value)

    def summaries(self) -> list[Summary]:
        """One summary for each series, sorted by name and labels."""
        return [_summary(name, labels, self._values[name, labels]) for name, labels in sorted(self._values)]


def summarise(samples: Iterable[Sample]) -> list[Summary]:
    """One summary for each series."""
    aggregator = Aggregator()
    for sample in samples:
        aggregator.add(sample)
    return aggregator.summaries()


def _summary(name: str, labels: tuple[tuple[str, str], ...], values: array[float]) -> Summary:
    found = np.frombuffer(values, np.float64)
    p50, p95, p99 = (float(value) for value in np.percentile(found, (50, 95, 99)))
    total = float(found.sum())
    least, most = float(found.min()), float(found.max())
    return Summary(name, labels, found.size, total, least, most, total / found.size, p50, p95, p99)
