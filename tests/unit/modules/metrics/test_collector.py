from __future__ import annotations

import threading

import pytest

from modules.metrics.base import Kind, Metric, Sample
from modules.metrics.catalogue import CATALOGUE, DROPPED
from modules.metrics.collector import LABEL_LENGTH, MAX_PENDING, MAX_SERIES, OTHER, MetricsCollector
from tests.unit.modules.metrics.helpers import SMALL, Clock, sample, totals


def test_a_counter_adds_up_and_is_drained_as_its_growth() -> None:
    clock = Clock()
    collector = MetricsCollector(SMALL, clock)
    collector.increment("calls_total", who="a")
    collector.increment("calls_total", 2.5, who="a")
    collector.increment("calls_total", who="b")
    clock.now += 5
    assert collector.drain() == [
        Sample(clock.now, "calls_total", 3.5, (("who", "a"),)),
        Sample(clock.now, "calls_total", 1.0, (("who", "b"),)),
    ]
    assert collector.drain() == []
    assert totals(collector, "calls_total") == {("a",): 3.5, ("b",): 1.0}


def test_a_counter_may_be_shown_before_it_counts() -> None:
    collector = MetricsCollector(SMALL)
    collector.increment("calls_total", 0.0, who="a")
    assert [(one.metric.name, one.labels, one.value) for one in collector.series()] == [
        ("calls_total", ("a",), 0.0),
        ("bells_total", (), 0.0),
    ]
    assert collector.drain() == []


def test_a_gauge_is_drained_once_with_its_last_value_and_its_time() -> None:
    clock = Clock()
    collector = MetricsCollector(SMALL, clock)
    collector.set("level", 1.0)
    clock.now += 1
    collector.set("level", -2.0)
    set_at = clock.now
    clock.now += 5
    assert collector.drain() == [Sample(set_at, "level", -2.0)]
    assert collector.drain() == []


def test_a_histogram_keeps_every_measurement_and_counts_its_buckets() -> None:
    clock = Clock()
    collector = MetricsCollector(SMALL, clock)
    for value in (0.05, 0.1, 0.5, 7.0):
        collector.observe("seconds", value, stage="x")
    (series,) = [one for one in collector.series() if one.metric.name == "seconds"]
    assert series.counts == [2, 1, 1]
    assert series.value == pytest.approx(7.65)
    assert [one.value for one in collector.drain()] == [0.05, 0.1, 0.5, 7.0]
    assert collector.drain() == []


def test_advance_follows_another_count_also_when_that_begins_again() -> None:
    collector = MetricsCollector(SMALL)
    for total in (3, 3, 5, 1):
        collector.advance("calls_total", total, who="cache")
    assert totals(collector, "calls_total") == {("cache",): 6.0}


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("nothing_total", {}),
        ("level", {}),
        ("calls_total", {}),
        ("calls_total", {"whom": "a"}),
        ("calls_total", {"who": "a", "more": "b"}),
    ],
)
def test_what_is_not_in_the_catalogue_is_refused(name: str, labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=name):
        MetricsCollector(SMALL).increment(name, 1.0, **labels)


def test_a_counter_does_not_shrink() -> None:
    with pytest.raises(ValueError, match="only grows"):
        MetricsCollector(SMALL).increment("bells_total", -1.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_dropped_and_counted(value: float) -> None:
    collector = MetricsCollector({**SMALL, DROPPED.name: DROPPED})
    collector.set("level", value)
    collector.observe("seconds", value, stage="x")
    assert totals(collector, DROPPED.name) == {(): 2.0}
    assert [(one.name, one.value) for one in collector.drain()] == [(DROPPED.name, 2.0)]


def test_what_is_no_number_is_dropped_where_nothing_counts_it() -> None:
    collector = MetricsCollector(SMALL)
    collector.set("level", float("nan"))
    assert collector.drain() == []


def test_the_number_of_series_is_bounded() -> None:
    collector = MetricsCollector(SMALL)
    for number in range(MAX_SERIES + 100):
        collector.increment("calls_total", who=f"caller {number}")
    found = totals(collector, "calls_total")
    assert len(found) == MAX_SERIES + 1
    assert found[OTHER,] == 100.0
    collector.increment("calls_total", who="caller 3")
    assert totals(collector, "calls_total")["caller 3",] == 2.0


def test_labels_tell_no_folders_and_are_short() -> None:
    collector = MetricsCollector(SMALL)
    for who in (
        "/home/anna/models/tiny.gguf",
        "C:\\Users\\anna\\tiny.gguf",
        'a\nb{}"=;',
        "x" * 500,
        "",
        "org/model:q4",
    ):
        collector.increment("calls_total", who=who)
    assert totals(collector, "calls_total") == {
        ("tiny.gguf",): 2.0,
        ("a_b_____",): 1.0,
        ("x" * LABEL_LENGTH,): 1.0,
        ("none",): 1.0,
        ("model:q4",): 1.0,
    }


def test_measurements_that_nobody_stores_give_way_to_newer_ones() -> None:
    collector = MetricsCollector({**SMALL, DROPPED.name: DROPPED})
    for number in range(MAX_PENDING + 3):
        collector.observe("seconds", float(number), stage="x")
    samples = collector.drain()
    measured = [one.value for one in samples if one.name == "seconds"]
    assert (len(measured), measured[0], measured[-1]) == (MAX_PENDING, 3.0, MAX_PENDING + 2.0)
    assert totals(collector, DROPPED.name) == {(): 3.0}


def test_what_was_stored_is_restored_without_being_stored_again() -> None:
    collector = MetricsCollector(SMALL)
    for one in (
        sample(10.0, 2.0, "calls_total", who="a"),
        sample(11.0, 3.0, "calls_total", who="a"),
        sample(12.0, 0.5, "seconds", stage="x"),
        sample(13.0, 7.0),
        sample(12.5, 9.0),  # older than the last
        sample(14.0, 1.0, "unheard_of"),
        sample(14.0, 1.0, "calls_total", whom="a"),
    ):
        collector.restore(one)
    assert totals(collector, "calls_total") == {("a",): 5.0}
    assert totals(collector, "level") == {(): 7.0}
    assert [one.counts for one in collector.series() if one.metric.name == "seconds"] == [[0, 1, 0]]
    assert collector.drain() == []


def test_threads_lose_nothing() -> None:
    collector = MetricsCollector(SMALL)
    drained: list[Sample] = []

    def work() -> None:
        for _ in range(2000):
            collector.increment("calls_total", who="a")
            collector.observe("seconds", 0.5, stage="x")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        drained += collector.drain()
    drained += collector.drain()
    assert totals(collector, "calls_total") == {("a",): 8000.0}
    assert sum(one.value for one in drained if one.name == "calls_total") == 8000.0
    assert sum(one.name == "seconds" for one in drained) == 8000


def test_the_catalogue_is_in_the_style_of_prometheus() -> None:
    for name, metric in CATALOGUE.items():
        assert (metric.kind is Kind.COUNTER) == name.endswith("_total"), name
        assert (metric.kind is Kind.HISTOGRAM) == bool(metric.buckets), name
        assert list(metric.buckets) == sorted(set(metric.buckets)), name
        assert metric.help.endswith("."), name
        assert all(len(values) == len(metric.labels) for values in metric.known), name
        assert isinstance(metric, Metric)
