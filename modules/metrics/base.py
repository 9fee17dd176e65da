"""What a metric and a sample of one are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from utils.errors import ArvisError

PREFIX = "arvis_"
"""What every name begins with where others see it."""


class MetricsError(ArvisError):
    """Figures could not be shown, exported or served."""

    stage = "metrics"


class Kind(StrEnum):
    """How the samples of a metric add up."""

    COUNTER = "counter"
    """Only grows; a sample is what it grew by."""
    GAUGE = "gauge"
    """Goes up and down; a sample is its value."""
    HISTOGRAM = "histogram"
    """Each sample is one measurement."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is measured."""

    name: str
    """Without the prefix; ends in the unit, and that of a counter in "_total"."""
    kind: Kind
    help: str
    """What it is, in one line."""
    labels: tuple[str, ...] = ()
    """What tells its series apart."""
    buckets: tuple[float, ...] = ()
    """Of a histogram: the upper bounds that others see, ascending. What is stored is exact."""
    known: tuple[tuple[str, ...], ...] = ()
    """Of a counter: label values that are shown as 0 before they first occur, so that the first is an increase."""


class Sample(NamedTuple):
    """One value of one series."""

    time: float
    """Unix seconds."""
    name: str
    """Of the metric, without the prefix."""
    value: float
    labels: tuple[tuple[str, str], ...] = ()
    """Name and value of each, in the order of the metric."""
