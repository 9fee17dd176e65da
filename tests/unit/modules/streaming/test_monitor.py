from __future__ import annotations

import asyncio

import pytest

from modules.streaming.monitor import LLMPerformanceMonitor, ModelPerformance


class Watch:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _generate(monitor: LLMPerformanceMonitor, watch: Watch, gaps: list[float], model: str = "m") -> None:
    with monitor.generation(model) as generation:
        for gap in gaps:
            watch.now += gap
            generation.token("four")


def test_figures_of_two_generations() -> None:
    monitor = LLMPerformanceMonitor(watch := Watch())
    _generate(monitor, watch, [0.5, 0.1, 0.1, 0.1])
    _generate(monitor, watch, [0.3, 0.1, 0.6])
    seen = monitor.snapshot("m")
    assert (seen.model, seen.generations, seen.cancelled, seen.failed, seen.tokens) == ("m", 2, 0, 0, 7)
    assert seen.first_token_p50 == pytest.approx(0.4)
    assert seen.first_token_p95 == pytest.approx(0.49)
    assert seen.tokens_per_second == pytest.approx(5 / 1.0)
    assert seen.gap_mean == pytest.approx(0.2)
    assert seen.gap_p95 == pytest.approx(0.5)
    assert seen.gap_max == pytest.approx(0.6)
    assert monitor.seconds_per_character("m") == pytest.approx(1.0 / 20)


def test_a_model_that_was_never_watched() -> None:
    monitor = LLMPerformanceMonitor()
    assert monitor.snapshot("m") == ModelPerformance("m", 0, 0, 0, 0, None, None, None, None, None, None)
    assert monitor.seconds_per_character("m") is None


def test_models_are_told_apart() -> None:
    monitor = LLMPerformanceMonitor(watch := Watch())
    _generate(monitor, watch, [0.1], "a")
    _generate(monitor, watch, [0.9], "b")
    assert monitor.snapshot("b").first_token_p50 == pytest.approx(0.9)


def test_only_the_last_generations_count() -> None:
    monitor = LLMPerformanceMonitor(watch := Watch(), window=2)
    for first in (9.0, 0.2, 0.2):
        _generate(monitor, watch, [first])
    seen = monitor.snapshot("m")
    assert seen.generations == 2
    assert seen.first_token_p95 == pytest.approx(0.2)


def _end(monitor: LLMPerformanceMonitor, error: BaseException) -> None:
    with monitor.generation("m") as generation:
        generation.token("x")
        raise error


def test_how_a_generation_ended_is_counted() -> None:
    monitor = LLMPerformanceMonitor()
    for error in (asyncio.CancelledError(), GeneratorExit(), ValueError()):
        with pytest.raises(type(error)):
            _end(monitor, error)
    seen = monitor.snapshot("m")
    assert (seen.generations, seen.cancelled, seen.failed, seen.tokens) == (3, 2, 1, 3)


def test_a_generation_that_never_began_leaves_no_trace() -> None:
    monitor = LLMPerformanceMonitor()
    monitor.generation("m")
    assert monitor.snapshot("m").generations == 0


def test_a_generation_without_a_token() -> None:
    monitor = LLMPerformanceMonitor(watch := Watch())
    _generate(monitor, watch, [])
    seen = monitor.snapshot("m")
    assert (seen.generations, seen.tokens, seen.first_token_p50, seen.tokens_per_second) == (1, 0, None, None)


def test_a_generation_under_way_tells_its_speed_after_some_tokens() -> None:
    monitor = LLMPerformanceMonitor(watch := Watch())
    with monitor.generation("m") as generation:
        speeds = []
        for _ in range(9):
            watch.now += 0.2
            generation.token("four")
            speeds.append(generation.seconds_per_character)
    assert speeds[:7] == [None] * 7
    assert speeds[7:] == [pytest.approx(0.05)] * 2
