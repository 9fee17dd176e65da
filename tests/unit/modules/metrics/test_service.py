from __future__ import annotations

import threading
from pathlib import Path

import pytest

from modules.metrics.collector import MetricsCollector
from modules.metrics.service import MetricsService
from modules.metrics.store import MetricsStore
from tests.unit.modules.metrics.helpers import SMALL


class Level:
    """Sets one gauge, a little higher each time."""

    def __init__(self) -> None:
        self.looks = 0
        self.looked = threading.Event()

    def sample(self, collector: MetricsCollector) -> None:
        self.looks += 1
        collector.set("level", float(self.looks))
        if self.looks == 3:
            self.looked.set()


def test_it_looks_and_stores_until_it_is_closed(tmp_path: Path) -> None:
    collector, store, level = MetricsCollector(SMALL), MetricsStore(tmp_path / "metrics"), Level()
    service = MetricsService(collector, store, lambda: level, interval=0.001)
    service.start()
    assert level.looked.wait(10)
    collector.increment("calls_total", who="last words")
    service.close()
    found = list(store.read())
    assert [one.value for one in found if one.name == "level"] == [float(n + 1) for n in range(level.looks)]
    assert [one.labels for one in found if one.name == "calls_total"] == [(("who", "last words"),)]
    assert not [thread for thread in threading.enumerate() if thread.name == "metrics"]


def test_it_looks_at_once(tmp_path: Path) -> None:
    store, level = MetricsStore(tmp_path / "metrics"), Level()
    service = MetricsService(MetricsCollector(SMALL), store, lambda: level, interval=3600.0)
    service.start()
    service.close()
    assert len(list(store.read())) >= 1


def test_it_may_be_closed_before_it_began(tmp_path: Path) -> None:
    MetricsService(MetricsCollector(SMALL), MetricsStore(tmp_path / "metrics")).close()


def test_what_cannot_be_stored_is_stored_later_and_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    collector = MetricsCollector(SMALL)
    service = MetricsService(collector, MetricsStore(tmp_path / "metrics"))
    (tmp_path / "metrics").write_text("in the way")
    for number in range(3):
        collector.observe("seconds", float(number), stage="x")
        service.tick()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    (tmp_path / "metrics").unlink()
    collector.observe("seconds", 3.0, stage="x")
    service.tick()
    service.tick()
    assert [one.value for one in MetricsStore(tmp_path / "metrics").read()] == [0.0, 1.0, 2.0, 3.0]
