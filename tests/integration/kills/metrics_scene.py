"""Stores samples in small files that soon give way to newer ones."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

from modules.metrics.base import Sample
from modules.metrics.store import MetricsStore

MAX_BYTES = 60_000


def write(folder: Path, committed: Callable[[str], object]) -> None:
    store = MetricsStore(folder, MAX_BYTES)
    for number in itertools.count():
        name = f"{os.getpid()}-{number}"
        store.append([Sample(1_700_000_000.0 + number, name, 1.0, (("filling", "x" * (number * 7919 % 120)),))])
        committed(name)


def verify(folder: Path, committed: list[str]) -> None:
    store = MetricsStore(folder, MAX_BYTES)
    found = [sample.name for sample in store.read()]
    assert len(found) == len(set(found))
    # Only the oldest may be gone, and only for want of room.
    kept = set(found)
    oldest = next(place for place, name in enumerate(committed) if name in kept)
    assert set(committed[oldest:]) <= kept, set(committed[oldest:]) - kept
    assert oldest == 0 or store.size > 0.5 * MAX_BYTES
    assert store.size <= MAX_BYTES
