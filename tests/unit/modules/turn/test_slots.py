"""The engines of a session: which of them it can do without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from modules.tts.speech import SpeechRenderer
from modules.turn.events import EngineFailed, EngineReady, SessionEvent
from modules.turn.parts import EarParts, SessionParts
from modules.turn.slots import Slots
from tests.fakes.audio import FakeOutput, FakeSource
from tests.fakes.clock import loop_time, run_virtual
from tests.fakes.engines import (
    FakeEchoCanceller,
    FakeEndpointModel,
    FakeEngine,
    FakeLanguageModel,
    FakeSynthesizer,
    FakeTranscriber,
    FakeVad,
    FakeWake,
)
from utils.errors import ArvisError

BROKEN = ArvisError("broken", "It cannot be loaded.")


@dataclass
class Bench:
    """Engines and what becomes of them."""

    vad: FakeVad = field(default_factory=FakeVad)
    canceller: FakeEchoCanceller | None = field(default_factory=FakeEchoCanceller)
    endpoint_model: FakeEndpointModel | None = field(default_factory=FakeEndpointModel)
    wake: FakeWake | None = field(default_factory=FakeWake)
    talking: list[FakeEngine] = field(default_factory=list)
    events: list[SessionEvent] = field(default_factory=list)
    owned: bool = True

    def run(self, script: Callable[[Slots], Awaitable[None]], *, ears: bool = True) -> None:
        async def main() -> None:
            parts = self._parts(self.ears if ears else None)
            slots = Slots(parts, self.events.append, loop_time, owned=self.owned)
            await script(slots)
            await slots.close()

        run_virtual(main)

    def _parts(self, ears: EarParts | None) -> SessionParts:
        transcriber, model, voice = FakeTranscriber(), FakeLanguageModel(), FakeSynthesizer()
        self.talking = [transcriber, model, voice]
        return SessionParts(FakeSource(), FakeOutput(), transcriber, model, SpeechRenderer(voice), ears)

    @property
    def ears(self) -> EarParts:
        return EarParts(
            vad=self.vad,
            canceller=self.canceller,
            endpoint_model=self.endpoint_model,
            wake=self.wake,
            threshold=0.4,
        )

    @property
    def listening(self) -> list[FakeEngine]:
        engines: list[FakeEngine | None] = [self.vad, self.canceller, self.endpoint_model, self.wake]
        return [engine for engine in engines if engine is not None]

    @property
    def ready(self) -> set[str]:
        return {event.role for event in self.events if isinstance(event, EngineReady)}


def test_everything_is_loaded_that_the_wake_word_mode_needs_and_nothing_else() -> None:
    bench = Bench()

    async def script(slots: Slots) -> None:
        assert await slots.ears(wake=True) == bench.ears

    bench.run(script)
    assert bench.ready == {"vad", "echo", "endpoint", "wake"}
    assert [engine.loads for engine in bench.talking] == [0, 0, 0]


def test_hands_free_needs_no_wake_word() -> None:
    bench = Bench()

    async def script(slots: Slots) -> None:
        parts = await slots.ears(wake=False)
        assert (parts.vad, parts.canceller, parts.wake) == (bench.vad, bench.canceller, None)

    bench.run(script)
    assert bench.ready == {"vad", "echo", "endpoint"}


@pytest.mark.parametrize("owned", [True, False])
def test_a_wake_word_that_is_there_but_not_needed_costs_nothing(owned: bool) -> None:
    bench = Bench(owned=owned)

    async def script(slots: Slots) -> None:
        assert (await slots.ears(wake=True)).wake is bench.wake
        assert (await slots.ears(wake=False)).wake is None
        assert (await slots.ears(wake=True)).wake is bench.wake

    bench.run(script)


def test_nothing_is_loaded_twice() -> None:
    bench = Bench()

    async def script(slots: Slots) -> None:
        await slots.ears(wake=True)
        await slots.ears(wake=True)

    bench.run(script)
    assert [engine.loads for engine in bench.listening] == [1, 1, 1, 1]


def test_what_can_be_done_without_may_be_missing() -> None:
    bench = Bench(canceller=None, endpoint_model=None, wake=None)

    async def script(slots: Slots) -> None:
        assert await slots.ears(wake=False) == bench.ears

    bench.run(script)
    assert bench.ready == {"vad"}


def test_an_endpoint_model_that_fails_is_done_without_and_tried_again_next_time() -> None:
    bench = Bench(endpoint_model=FakeEndpointModel(load_errors=[BROKEN]))

    async def script(slots: Slots) -> None:
        parts = await slots.ears(wake=False)
        assert (parts.endpoint_model, parts.canceller) == (None, bench.canceller)
        parts = await slots.ears(wake=False)
        assert parts.endpoint_model is bench.endpoint_model

    bench.run(script)
    assert [event.role for event in bench.events if isinstance(event, EngineFailed)] == ["endpoint"]


def test_without_a_detector_of_speech_nobody_can_listen() -> None:
    bench = Bench(vad=FakeVad(load_errors=[BROKEN]))

    async def script(slots: Slots) -> None:
        with pytest.raises(ArvisError, match="cannot be loaded"):
            await slots.ears(wake=False)
        assert "vad" not in bench.ready
        assert (await slots.ears(wake=False)).vad is bench.vad

    bench.run(script)


def test_without_the_wake_word_nobody_can_wait_for_it() -> None:
    bench = Bench(wake=FakeWake(load_errors=[BROKEN]))

    async def script(slots: Slots) -> None:
        assert (await slots.ears(wake=False)).wake is None
        with pytest.raises(ArvisError, match="cannot be loaded"):
            await slots.ears(wake=True)

    bench.run(script)


def test_waiting_for_a_wake_word_that_there_is_none_of_is_an_error() -> None:
    async def script(slots: Slots) -> None:
        with pytest.raises(ArvisError) as caught:
            await slots.ears(wake=True)
        assert caught.value.code == "no-wake-word"

    Bench(wake=None).run(script)


def test_all_engines_are_freed() -> None:
    bench = Bench()

    async def script(slots: Slots) -> None:
        await slots.ears(wake=False)

    bench.run(script)
    assert all(engine.closed for engine in [*bench.talking, *bench.listening])


def test_a_session_without_ears_has_engines_to_talk_with() -> None:
    bench = Bench()

    async def script(slots: Slots) -> None:
        await slots.stt.ready()
        await slots.llm.ready()
        await slots.tts.ready()

    bench.run(script, ears=False)
    assert bench.ready == {"stt", "llm", "tts"}
    assert all(engine.closed for engine in bench.talking)
    assert [engine.loads for engine in bench.listening] == [0, 0, 0, 0]


def test_engines_of_somebody_else_are_ready_and_outlive_the_session() -> None:
    bench = Bench(owned=False)

    async def script(slots: Slots) -> None:
        assert slots.stt.is_ready
        assert (await slots.ears(wake=True)).endpoint_model is bench.endpoint_model

    bench.run(script)
    assert not any(engine.loads or engine.closed for engine in [*bench.talking, *bench.listening])
