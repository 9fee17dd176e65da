from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import psutil
import pytest

from modules.metrics.collector import MetricsCollector
from modules.metrics.gpu import Gpus
from modules.metrics.system import SystemSampler
from tests.unit.modules.metrics.helpers import totals


class NVMLError(Exception):
    pass


def nvml(cards: int, **overrides: Callable[..., Any]) -> ModuleType:
    """The package `pynvml` over a machine with so many cards."""
    module = ModuleType("pynvml")
    functions: dict[str, Any] = {
        "NVMLError": NVMLError,
        "NVML_TEMPERATURE_GPU": 0,
        "nvmlInit": lambda: None,
        "nvmlDeviceGetCount": lambda: cards,
        "nvmlDeviceGetHandleByIndex": lambda index: index,
        "nvmlDeviceGetUtilizationRates": lambda card: SimpleNamespace(gpu=25 * (card + 1)),
        "nvmlDeviceGetMemoryInfo": lambda card: SimpleNamespace(used=1e9 * (card + 1), total=8e9),
        "nvmlDeviceGetTemperature": lambda card, kind: 40 + card + kind,
    }
    vars(module).update(functions | overrides)
    return module


def fails(*_: object) -> Any:
    raise NVMLError("not supported")


def test_what_this_machine_and_process_have(tmp_path: Path) -> None:
    collector = MetricsCollector()
    sampler = SystemSampler(tmp_path / "not" / "there" / "yet", Gpus(nvml(0)))
    sampler.sample(collector)

    def value(name: str) -> float:
        return totals(collector, name).get((), 0.0)

    assert 1e6 < value("process_resident_memory_bytes") < psutil.virtual_memory().total
    assert 1 <= value("process_threads") < 10_000
    assert 1 <= value("process_open_files") < 100_000
    assert value("process_start_time_seconds") == psutil.Process().create_time()
    assert 0 < value("machine_available_memory_bytes") <= psutil.virtual_memory().total
    assert value("disk_free_bytes") == pytest.approx(psutil.disk_usage(str(tmp_path)).free, rel=0.2)
    assert 0 <= value("machine_cpu_ratio") <= 1
    assert 0 <= value("process_cpu_ratio") <= 1024
    assert totals(collector, "gpu_busy_ratio") == {}


def test_the_start_is_stored_once(tmp_path: Path) -> None:
    collector = MetricsCollector()
    sampler = SystemSampler(tmp_path, Gpus(nvml(0)))
    found = []
    for _ in range(3):
        sampler.sample(collector)
        found += [one.name for one in collector.drain()]
    assert found.count("process_start_time_seconds") == 1
    assert found.count("process_threads") == 3


def test_a_process_that_does_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collector = MetricsCollector()
    sampler = SystemSampler(tmp_path, Gpus(nvml(0)))

    def refuse(_: object) -> int:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "num_threads", refuse)
    sampler.sample(collector)
    assert totals(collector, "process_threads") == {}
    assert totals(collector, "machine_available_memory_bytes") != {}


def test_two_cards() -> None:
    collector = MetricsCollector()
    Gpus(nvml(2)).sample(collector)
    assert totals(collector, "gpu_busy_ratio") == {("0",): 0.25, ("1",): 0.5}
    assert totals(collector, "gpu_used_memory_bytes") == {("0",): 1e9, ("1",): 2e9}
    assert totals(collector, "gpu_total_memory_bytes") == {("0",): 8e9, ("1",): 8e9}
    assert totals(collector, "gpu_temperature_celsius") == {("0",): 40.0, ("1",): 41.0}


@pytest.mark.parametrize(
    ("silent", "missing"),
    [
        ("nvmlDeviceGetUtilizationRates", {"gpu_busy_ratio"}),
        ("nvmlDeviceGetMemoryInfo", {"gpu_used_memory_bytes", "gpu_total_memory_bytes"}),
        ("nvmlDeviceGetTemperature", {"gpu_temperature_celsius"}),
        ("nvmlInit", {"gpu_busy_ratio", "gpu_used_memory_bytes", "gpu_total_memory_bytes", "gpu_temperature_celsius"}),
    ],
)
def test_a_card_that_does_not_tell_something(silent: str, missing: set[str]) -> None:
    collector = MetricsCollector()
    Gpus(nvml(1, **{silent: fails})).sample(collector)
    names = {"gpu_busy_ratio", "gpu_used_memory_bytes", "gpu_total_memory_bytes", "gpu_temperature_celsius"}
    assert {name for name in names if not totals(collector, name)} == missing


def test_without_the_package_there_are_no_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    collector = MetricsCollector()
    Gpus().sample(collector)
    assert totals(collector, "gpu_busy_ratio") == {}
