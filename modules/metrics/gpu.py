"""Load and memory of NVIDIA cards, where there are any and their library is installed."""

from __future__ import annotations

import importlib
import logging
from types import ModuleType

from modules.metrics.collector import MetricsCollector

log = logging.getLogger(__name__)


class Gpus:
    """The cards of this machine; built once, asked every interval, by one thread.

    Args:
        nvml: The package `pynvml`; None to look for it.
    """

    def __init__(self, nvml: ModuleType | None = None) -> None:
        self._nvml = nvml if nvml is not None else _load()
        self._cards: list[object] = []
        if self._nvml is None:
            return
        try:
            self._nvml.nvmlInit()
            count = self._nvml.nvmlDeviceGetCount()
            self._cards = [self._nvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
        except self._nvml.NVMLError as error:  # no driver, or none that answers
            log.debug("no graphics card is measured: %s", error)

    def sample(self, collector: MetricsCollector) -> None:
        """Set the gauges of each card; one that does not tell something is measured without it."""
        if self._nvml is None:
            return
        for index, card in enumerate(self._cards):
            for name, value in self._figures(self._nvml, card):
                collector.set(name, value, gpu=str(index))

    def _figures(self, nvml: ModuleType, card: object) -> list[tuple[str, float]]:
        found: list[tuple[str, float]] = []
        try:
            found.append(("gpu_busy_ratio", nvml.nvmlDeviceGetUtilizationRates(card).gpu / 100.0))
        except nvml.NVMLError as error:
            log.debug("the load of a graphics card is not known: %s", error)
        try:
            memory = nvml.nvmlDeviceGetMemoryInfo(card)
            found += [("gpu_used_memory_bytes", float(memory.used)), ("gpu_total_memory_bytes", float(memory.total))]
        except nvml.NVMLError as error:
            log.debug("the memory of a graphics card is not known: %s", error)
        try:
            degrees = nvml.nvmlDeviceGetTemperature(card, nvml.NVML_TEMPERATURE_GPU)
            found.append(("gpu_temperature_celsius", float(degrees)))
        except nvml.NVMLError as error:
            log.debug("the temperature of a graphics card is not known: %s", error)
        return found


def _load() -> ModuleType | None:
    try:
        return importlib.import_module("pynvml")
    except ImportError:
        return None
