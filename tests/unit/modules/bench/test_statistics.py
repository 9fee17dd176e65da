from __future__ import annotations

from modules.bench.statistics import Spread


def test_percentiles_are_interpolated() -> None:
    spread = Spread.of([10.0, None, 20.0, 30.0, 40.0])
    assert spread.as_dict() == {"min": 10.0, "p50": 25.0, "p95": 38.5, "max": 40.0}
    assert spread.count == 4


def test_nothing_measured_has_no_values() -> None:
    assert Spread.of([None]).as_dict() == {"min": None, "p50": None, "p95": None, "max": None}
