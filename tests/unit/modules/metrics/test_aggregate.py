from __future__ import annotations

import random

import pytest

from modules.metrics.aggregate import summarise
from modules.metrics.ratios import ratios
from tests.unit.modules.metrics.helpers import sample


def test_figures_are_exact() -> None:
    values = [float(number) for number in range(1, 101)]
    random.Random(1).shuffle(values)
    (summary,) = summarise(sample(1.0, value) for value in values)
    assert summary.as_dict() == {
        "metric": "level",
        "labels": {},
        "count": 100,
        "sum": 5050.0,
        "min": 1.0,
        "max": 100.0,
        "mean": 50.5,
        "p50": 50.5,
        "p95": pytest.approx(95.05),
        "p99": pytest.approx(99.01),
    }


def test_one_sample_is_everything() -> None:
    (one,) = summarise([sample(1.0, 0.25)])
    assert {one.minimum, one.maximum, one.mean, one.p50, one.p95, one.p99, one.total} == {0.25}


def test_each_series_by_itself() -> None:
    found = summarise(
        [
            sample(1.0, 1.0, "seconds", stage="b"),
            sample(1.0, 2.0, "seconds", stage="a"),
            sample(1.0, 4.0, "seconds", stage="a"),
            sample(1.0, 9.0),
        ]
    )
    assert [(one.name, one.labels, one.mean) for one in found] == [
        ("level", (), 9.0),
        ("seconds", (("stage", "a"),), 3.0),
        ("seconds", (("stage", "b"),), 1.0),
    ]


def test_of_nothing_there_is_nothing() -> None:
    assert summarise([]) == []
    assert ratios([]) == {}


def test_shares() -> None:
    counts = {"answered": 6.0, "interrupted": 1.0, "failed": 1.0, "cancelled": 2.0}
    samples = [sample(1.0, count, "turns_total", outcome=outcome) for outcome, count in counts.items()]
    samples += [sample(2.0, 30.0, "speculations_total", outcome="started")]
    samples += [
        sample(2.0, count, "speculations_total", outcome=what) for what, count in (("used", 15.0), ("wasted", 5.0))
    ]
    samples += [sample(2.0, 3.0, "tts_cache_lookups_total", result="miss")]
    assert ratios(summarise(samples)) == {
        "turns_answered_ratio": 0.6,
        "turns_interrupted_ratio": 0.1,
        "turns_cancelled_ratio": 0.2,
        "turns_failed_ratio": 0.1,
        "speculation_hit_ratio": 0.75,
        "tts_cache_hit_ratio": 0.0,
    }
