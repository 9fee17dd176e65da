from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from modules.metrics.collector import MetricsCollector
from modules.metrics.exposition import Exposition
from tests.unit.modules.metrics.helpers import SMALL


def page(collector: MetricsCollector) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    content, _ = Exposition(collector.series).page()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(content.decode())
        for sample in family.samples
    }


def test_every_kind() -> None:
    collector = MetricsCollector(SMALL)
    collector.increment("calls_total", 2, who="a")
    collector.set("level", -1.5)
    for value in (0.05, 0.5, 0.6, 9.0):
        collector.observe("seconds", value, stage="x")
    assert page(collector) == {
        ("arvis_calls_total", (("who", "a"),)): 2.0,
        ("arvis_bells_total", ()): 0.0,
        ("arvis_level", ()): -1.5,
        ("arvis_seconds_bucket", (("le", "0.1"), ("stage", "x"))): 1.0,
        ("arvis_seconds_bucket", (("le", "1"), ("stage", "x"))): 3.0,
        ("arvis_seconds_bucket", (("le", "+Inf"), ("stage", "x"))): 4.0,
        ("arvis_seconds_count", (("stage", "x"),)): 4.0,
        ("arvis_seconds_sum", (("stage", "x"),)): pytest.approx(10.15),
    }


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "text/plain"),
        ("text/html", "text/plain"),
        ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text"),
        ("text/plain;version=abc", "text/plain"),
        ("application/openmetrics-text;version=..", "text/plain"),
        ("\xff;;,,=", "text/plain"),
    ],
)
def test_the_reader_gets_what_it_can_read(accept: str, content_type: str) -> None:
    content, found = Exposition(MetricsCollector(SMALL).series).page(accept)
    assert found.startswith(content_type)
    assert b"arvis_bells_total 0.0" in content
