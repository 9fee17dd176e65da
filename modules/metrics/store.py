"""Keeps samples on the disk: in files of a bounded size, the oldest of which give way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from modules.metrics.aggregate import Aggregator
from modules.metrics.base import MetricsError, Sample
from modules.metrics.segments import Segment, remove, segments, size
from modules.metrics.tables import summary_csv
from utils.files import explained, locked, private_folder, write_atomic
from utils.journal import Journal, encode

MEGABYTE = 1_000_000
LEAST_BYTES = 8_192
"""Of the whole store."""
_PARTS = 32
"""Files among which the room is divided; what gives way is one of them at a time."""
_SUMMARIES = 8
"""Summaries by hours may take this part of the room (one in so many); they stay longer than the samples."""
_HOUR = 3600.0


class MetricsStore:
    """Samples, one JSON object a line: `t` Unix seconds, `n` the metric's name, `v` the value, `l` the labels.

    What `append` has returned from survives the end of the process. Several processes may use the same folder.

    Args:
        folder: Made when something is first stored.
        max_bytes: What all files may take together, at least `LEAST_BYTES`.
    """

    def __init__(self, folder: Path, max_bytes: int = 100 * MEGABYTE) -> None:
        if max_bytes < LEAST_BYTES:
            raise ValueError(f"{max_bytes} bytes are too few for a store of metrics")
        self.folder = folder
        self._max_bytes = max_bytes
        self._segment_bytes = max_bytes // _PARTS

    def append(self, samples: Sequence[Sample]) -> None:
        """Commit samples.

        Raises:
            utils.files.FileError: They cannot be written.
        """
        records = [as_record(sample) for sample in samples]
        if not records:
            return
        private_folder(self.folder)
        with locked(self.folder / "metrics"):
            for batch in _batches(records, self._segment_bytes):
                length = sum(len(encode(record)) for record in batch)
                segment = self._segment_for(length)
                self._make_room(length)
                Journal(segment.samples).append(*batch)

    def read(self, since: float = -math.inf, until: float = math.inf) -> Iterator[Sample]:
        """Samples with `since` <= time < `until` (Unix seconds), in the order in which they were stored.

        The clock of the machine may have been set meanwhile, so the times need not ascend.
        """
        for segment in segments(self.folder):
            try:
                written = segment.samples.stat().st_mtime
            except FileNotFoundError:  # it has just given way
                continue
            if written + _HOUR >= since:  # a file that was last written before has nothing of that time
                yield from (
                    sample
                    for record in Journal(segment.samples).read()
                    if (sample := from_record(record)) is not None and since <= sample.time < until
                )

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(size(path) for path in self._files())

    def _files(self) -> list[Path]:
        found = [segment.samples for segment in segments(self.folder)]
        return [*found, *(segment.summary for segment in segments(self.folder, "csv"))]

    def _segment_for(self, length: int) -> Segment:
        """The newest segment, or, when it is full, a new one."""
        known = segments(self.folder)
        if not known:
            summaries = segments(self.folder, "csv")
            return Segment(summaries[-1].number + 1 if summaries else 1, self.folder)
        newest = known[-1]
        if size(newest.samples) + length <= self._segment_bytes:
            return newest
        summaries = segments(self.folder, "csv")
        for segment in known:  # a process that was killed may have left an earlier one without
            if not summaries or segment > summaries[-1]:
                self._summarise(segment)
        return Segment(newest.number + 1, self.folder)

    def _summarise(self, segment: Segment) -> None:
        hours: dict[float, Aggregator] = {}
        for record in Journal(segment.samples).read():
            sample = from_record(record)
            if sample is not None:
                hours.setdefault(sample.time // _HOUR * _HOUR, Aggregator()).add(sample)
        rows = [(hour, summary) for hour in sorted(hours) for summary in hours[hour].summaries()]
        text = summary_csv(rows).encode()
        self._make_room(len(text))
        write_atomic(segment.summary, text)

    def _make_room(self, length: int) -> None:
        """Let the oldest go until `length` more bytes fit."""
        try:
            for unfinished in self.folder.glob(".metrics-*.csv.*.new"):  # of a process that was killed meanwhile
                unfinished.unlink(missing_ok=True)
            summaries = [segment.summary for segment in segments(self.folder, "csv")]
            while summaries and sum(map(size, summaries)) > self._max_bytes // _SUMMARIES:
                remove(summaries.pop(0))
            samples = [segment.samples for segment in segments(self.folder)][:-1]
            while samples and self.size + length > self._max_bytes:
                remove(samples.pop(0))
            while summaries and self.size + length > self._max_bytes:
                remove(summaries.pop(0))
        except OSError as error:
            raise explained(self.folder, error) from error


def as_record(sample: Sample) -> dict[str, Any]:
    """A sample as it is stored."""
    record: dict[str, Any] = {"t": round(sample.time, 3), "n": sample.name, "v": float(f"{sample.value:.9g}")}
    return record | {"l": dict(sample.labels)} if sample.labels else record


def from_record(record: Mapping[str, Any]) -> Sample | None:
    """The sample that was stored; None for something else."""
    moment, name, value, labels = (
        _number(record.get("t")),
        record.get("n"),
        _number(record.get("v")),
        record.get("l", {}),
    )
    if moment is None or value is None or not isinstance(name, str) or not isinstance(labels, dict):
        return None
    if not all(isinstance(text, str) for text in labels.values()):
        return None
    return Sample(moment, name, value, tuple(labels.items()))


def no_history(folder: Path, *, enabled: bool) -> MetricsError:
    """What to tell somebody who asks for figures where there are none.

    Args:
        folder: Where they would be.
        enabled: Whether the settings want any.
    """
    remedy = "Open it and use it for a while." if enabled else "Set metrics.enabled to true and use it for a while."
    return MetricsError("no-metrics", f"There are no figures in {folder} yet: only the window records them. {remedy}")


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # whole numbers have no bounds
        return None


def _batches(records: Iterable[dict[str, Any]], most: int) -> Iterator[list[dict[str, Any]]]:
    """Records in groups of at most so many bytes."""
    batch: list[dict[str, Any]] = []
    length = 0
    for record in records:
        more = len(encode(record))
        if batch and length + more > most:
            yield batch
            batch, length = [], 0
        batch.append(record)
        length += more
    if batch:
        yield batch
