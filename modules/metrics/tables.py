"""Samples and summaries as text that other programs read: CSV, JSON and JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from modules.metrics.aggregate import Summary
from modules.metrics.base import Sample

_FIGURES = ("count", "sum", "min", "max", "mean", "p50", "p95", "p99")


def iso(moment: float) -> str:
    """Unix seconds as ISO 8601 in UTC, with milliseconds."""
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):  # a clock that was set to no year at all
        return f"{moment:.3f}"


def summary_csv(rows: Iterable[tuple[float, Summary]]) -> str:
    """Summaries, each with the Unix seconds at which its hour begins."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("hour", "metric", "labels", *_FIGURES))
    for hour, summary in rows:
        figures = summary.as_dict()
        numbers = [f"{figures[name]:.9g}" for name in _FIGURES]
        writer.writerow((iso(hour), summary.name, _labels(summary.labels), *numbers))
    return text.getvalue()


def csv_lines(samples: Iterable[Sample]) -> Iterator[str]:
    """A line of names, then one for each sample."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("time", "metric", "labels", "value"))
    for sample in samples:
        writer.writerow((iso(sample.time), sample.name, _labels(sample.labels), f"{sample.value:.9g}"))
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def json_lines(samples: Iterable[Sample]) -> Iterator[str]:
    """One JSON object a line."""
    for sample in samples:
        yield json.dumps(_object(sample)) + "\n"


def json_array(samples: Iterable[Sample]) -> Iterator[str]:
    """One JSON array of all samples."""
    before = "[\n"
    for sample in samples:
        yield before + json.dumps(_object(sample))
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


FORMATS: Mapping[str, Callable[[Iterable[Sample]], Iterator[str]]] = {
    "csv": csv_lines,
    "json": json_array,
    "jsonl": json_lines,
}
"""Name of a format to what writes it."""


def _object(sample: Sample) -> dict[str, object]:
    return {"time": iso(sample.time), "metric": sample.name, "labels": dict(sample.labels), "value": sample.value}


def _labels(labels: Iterable[tuple[str, str]]) -> str:
    return ";".join(f"{name}={value}" for name, value in labels)
