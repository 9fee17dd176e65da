from __future__ import annotations

import csv
import json

import pytest

from modules.metrics.tables import FORMATS, iso
from tests.unit.modules.metrics.helpers import sample

SAMPLES = [
    sample(1_700_000_000.5, 0.25, "seconds", stage="x", engine="y"),
    sample(1_700_000_001.0, 3.0),
]


def test_csv() -> None:
    text = "".join(FORMATS["csv"](SAMPLES))
    assert text == (
        "time,metric,labels,value\n"
        "2023-11-14T22:13:20.500Z,seconds,stage=x;engine=y,0.25\n"
        "2023-11-14T22:13:21.000Z,level,,3\n"
    )
    assert len(list(csv.DictReader(text.splitlines()))) == 2


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json(form: str) -> None:
    text = "".join(FORMATS[form](SAMPLES))
    found = json.loads(text) if form == "json" else [json.loads(line) for line in text.splitlines()]
    assert found == [
        {
            "time": "2023-11-14T22:13:20.500Z",
            "metric": "seconds",
            "labels": {"stage": "x", "engine": "y"},
            "value": 0.25,
        },
        {"time": "2023-11-14T22:13:21.000Z", "metric": "level", "labels": {}, "value": 3.0},
    ]


def test_nothing_is_valid_too() -> None:
    assert "".join(FORMATS["csv"]([])) == "time,metric,labels,value\n"
    assert json.loads("".join(FORMATS["json"]([]))) == []
    assert "".join(FORMATS["jsonl"]([])) == ""


def test_a_clock_that_was_set_to_no_year() -> None:
    assert iso(1e18) == "1000000000000000000.000"
