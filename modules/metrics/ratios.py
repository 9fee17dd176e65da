"""Shares that are computed from counters."""

from __future__ import annotations

from collections.abc import Iterable

from modules.metrics.aggregate import Summary

_SHARES = (
    ("turns_answered_ratio", "turns_total", "answered", ()),
    ("turns_interrupted_ratio", "turns_total", "interrupted", ()),
    ("turns_cancelled_ratio", "turns_total", "cancelled", ()),
    ("turns_failed_ratio", "turns_total", "failed", ()),
    ("speculation_hit_ratio", "speculations_total", "used", ("wasted",)),
    ("tts_cache_hit_ratio", "tts_cache_lookups_total", "hit", ("miss",)),
)
"""Name, counter, the label's value that is the share, and the others that make up the whole; none for all."""


def ratios(summaries: Iterable[Summary]) -> dict[str, float]:
    """Name to share, 0 to 1; without those whose whole is nothing."""
    totals: dict[str, dict[str, float]] = {}
    for summary in summaries:
        if len(summary.labels) == 1:
            totals.setdefault(summary.name, {})[summary.labels[0][1]] = summary.total
    found = {}
    for name, counter, part, rest in _SHARES:
        known = totals.get(counter, {})
        whole = sum(known.get(value, 0.0) for value in (part, *rest)) if rest else sum(known.values())
        if whole > 0:
            found[name] = known.get(part, 0.0) / whole
    return found
