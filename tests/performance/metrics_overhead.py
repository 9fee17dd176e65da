"""What it costs to measure a turn, beside the turn itself.

Run it as `python -m tests.performance.metrics_overhead`; it prints JSON. The turn is one with the talk key and an
answer of 100 tokens. Its share is given of the time up to the first sound, which is the shortest thing that anybody
could call a turn, although most of the work is done while the answer plays. The look at the machine is another
thread's and comes every ten seconds, whether there is a turn or not, so it is a share of that.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from modules.llm.base import GenerationOptions, Message
from modules.metrics.collector import MetricsCollector
from modules.metrics.engines import MeasuredLanguageModel
from modules.metrics.recorder import SessionRecorder
from modules.metrics.service import MetricsService
from modules.metrics.store import MetricsStore
from modules.metrics.system import SystemSampler
from modules.tracing.base import TurnTrace
from modules.tracing.tracer import TurnTracer
from modules.turn.events import (
    InputLevel,
    ModelMeasured,
    PhaseChanged,
    ReplyEnded,
    ReplyText,
    SessionEvent,
    TurnMeasured,
    UserText,
)
from modules.turn.latency import LatencyRecord
from modules.turn.state import Phase
from tests.fakes.engines import FakeLanguageModel

TOKENS = 100
ROUNDS = 300
TICKS = 30
FIRST_SOUND = 0.24
"""Seconds from the end of speech to the first sound, median on a usual machine (README)."""
INTERVAL = 10.0
RECORD = LatencyRecord(110.0, 0.0, 170.0, 210.0, 225.0, 240.0, 6500.0)


def turn(turn_id: int) -> list[SessionEvent]:
    """What a session tells of one turn."""
    spoken: list[SessionEvent] = [PhaseChanged(turn_id, 0, Phase.LISTENING)]
    spoken += [InputLevel(0.1) for _ in range(90)]
    spoken += [UserText(turn_id, 0, "words", final=False) for _ in range(10)]
    spoken += [PhaseChanged(turn_id, 0, Phase.SPECULATIVE), PhaseChanged(turn_id, 0, Phase.COMMITTED)]
    spoken += [UserText(turn_id, 0, "words", final=True)]
    spoken += [ReplyText(turn_id, 0, "word") for _ in range(TOKENS)]
    spoken += [PhaseChanged(turn_id, 0, Phase.SPEAKING), PhaseChanged(turn_id, 0, Phase.IDLE)]
    return [
        *spoken,
        ReplyEnded(turn_id, 0, "words", interrupted=False, spoken=True),
        TurnMeasured(turn_id, RECORD),
        ModelMeasured("model", 1, 60.0, 100.0, 10.0),
    ]


def listener_seconds(listener: Callable[[SessionEvent], None], after: Callable[[], object] = lambda: None) -> float:
    """Seconds that a listener takes for one turn."""
    turns = [turn(number) for number in range(1, ROUNDS + 1)]
    begun = time.perf_counter()
    for events in turns:
        for event in events:
            listener(event)
        after()
    return (time.perf_counter() - begun) / ROUNDS


class _Instant(FakeLanguageModel):
    """Writes without waiting."""

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        for _ in range(TOKENS):
            yield "word"


async def _exhaust(model: _Instant | MeasuredLanguageModel) -> float:
    begun = time.perf_counter()
    for _ in range(ROUNDS):
        async for _piece in model.stream([]):
            pass
    return (time.perf_counter() - begun) / ROUNDS


async def engine_seconds(collector: MetricsCollector) -> float:
    """Seconds that measuring one answer of the language model takes: with it, less without it."""
    bare = _Instant("model")
    measured = MeasuredLanguageModel(bare, collector)
    return await _exhaust(measured) - await _exhaust(bare)


def tick_seconds(collector: MetricsCollector, folder: Path) -> float:
    """Seconds that a look at the machine and the storing of a turn take."""
    service = MetricsService(collector, MetricsStore(folder), lambda: SystemSampler(folder))
    service.tick()
    recorder = SessionRecorder(collector)
    taken = 0.0
    for number in range(TICKS):
        for event in turn(number + 1):
            recorder(event)
        begun = time.perf_counter()
        service.tick()
        taken += time.perf_counter() - begun
    return taken / TICKS


def main() -> dict[str, float]:
    """All figures."""
    collector = MetricsCollector()
    recorder = listener_seconds(SessionRecorder(collector), collector.drain)
    model = asyncio.run(engine_seconds(collector))
    collector.drain()
    traces: list[TurnTrace] = []
    tracer = listener_seconds(TurnTracer(traces.append))
    with tempfile.TemporaryDirectory() as folder:
        tick = tick_seconds(collector, Path(folder) / "metrics")
    return {
        "recorder_microseconds_per_turn": round(1e6 * recorder, 1),
        "language_model_microseconds_per_turn": round(1e6 * model, 1),
        "percent_of_the_time_to_the_first_sound": round(100 * (recorder + model) / FIRST_SOUND, 3),
        "tracer_microseconds_per_turn": round(1e6 * tracer, 1),
        "tick_milliseconds": round(1e3 * tick, 2),
        "tick_percent_of_one_core": round(100 * tick / INTERVAL, 3),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(), indent=2) + "\n")
