from __future__ import annotations

from pathlib import Path

from modules.metrics.base import Kind
from modules.metrics.catalogue import CATALOGUE
from modules.metrics.collector import MetricsCollector
from modules.metrics.follower import MISSED, STALE_SECONDS, STARTED, Follower
from modules.metrics.segments import remove, segments
from modules.metrics.store import LEAST_BYTES, MetricsStore
from tests.unit.modules.metrics.helpers import sample, totals


def test_each_sample_counts_once_over_many_files(tmp_path: Path) -> None:
    store, collector = MetricsStore(tmp_path / "metrics", LEAST_BYTES), MetricsCollector()
    follower = Follower(store.folder, collector)
    follower.catch_up()  # there is nothing yet
    for number in range(50):
        store.append([sample(100.0 + number, 2.0, "wake_words_total")])
        if number % 7 == 0:
            follower.catch_up()
    follower.catch_up()
    follower.catch_up()
    assert totals(collector, "wake_words_total") == {(): 100.0}
    assert follower.newest == 149.0


def test_files_that_were_read_to_their_end_are_not_read_again(tmp_path: Path) -> None:
    store, collector = MetricsStore(tmp_path / "metrics", 32 * 1000), MetricsCollector()
    follower = Follower(store.folder, collector)
    store.append([sample(100.0, 1.0, "wake_words_total")] * 23)
    store.append([sample(100.0, 1.0, "wake_words_total")] * 2)  # the second file is much shorter than the first
    assert len(segments(store.folder)) == 2
    for _ in range(3):
        follower.catch_up()
    assert totals(collector, "wake_words_total") == {(): 25.0}


def test_what_has_given_way_stays_counted(tmp_path: Path) -> None:
    store, collector = MetricsStore(tmp_path / "metrics"), MetricsCollector()
    follower = Follower(store.folder, collector)
    store.append([sample(1.0, 2.0, "wake_words_total")])
    follower.catch_up()
    remove(segments(store.folder)[0].samples)
    follower.catch_up()
    assert totals(collector, "wake_words_total") == {(): 2.0}


def test_a_line_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    store, collector = MetricsStore(tmp_path / "metrics"), MetricsCollector()
    follower = Follower(store.folder, collector)
    store.append([sample(1.0, 1.0, "wake_words_total")])
    path = segments(store.folder)[0].samples
    with open(path, "ab", buffering=0) as file:
        file.write(b'{"t":2.0,"n":"wake_wo')
        follower.catch_up()
        assert totals(collector, "wake_words_total") == {(): 1.0}
        file.write(b'rds_total","v":3.0}\n\xff\n7\n')
    follower.catch_up()
    assert totals(collector, "wake_words_total") == {(): 4.0}


def test_gauges_of_a_process_that_has_ended_are_not_shown(tmp_path: Path) -> None:
    store, collector = MetricsStore(tmp_path / "metrics"), MetricsCollector()
    follower = Follower(store.folder, collector)
    store.append(
        [
            sample(1000.0, 900.0, STARTED),
            sample(1000.0, 0.0, "engine_ready", role="llm", engine="old"),
            sample(2000.0, 1.0, "engine_ready", role="llm", engine="new"),
            sample(2001.0, 1999.0, STARTED),
            sample(2002.0, 5.0, "wake_words_total"),
        ]
    )
    follower.catch_up()

    def gauges(now: float) -> list[tuple[str, tuple[str, ...]]]:
        shown = follower.series(now)
        assert [one.value for one in shown if one.metric.name == "wake_words_total"] == [5.0]
        return [(one.metric.name, one.labels) for one in shown if one.metric.kind is Kind.GAUGE]

    assert gauges(2010.0) == [("engine_ready", ("llm", "new")), (STARTED, ())]
    assert gauges(2003.0 + STALE_SECONDS) == []
    assert STARTED in CATALOGUE


def test_who_looks_rarely_is_not_taken_to_have_ended(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics")
    follower = Follower(store.folder, MetricsCollector(), interval=600.0)
    store.append([sample(1000.0, 1.0, "microphone_open")])
    follower.catch_up()
    assert [one.metric.name for one in follower.series(1000.0 + MISSED * 600.0)].count("microphone_open") == 1
    assert "microphone_open" not in [one.metric.name for one in follower.series(1001.0 + MISSED * 600.0)]
