"""Traces of sessions over fakes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from modules.llm.base import LanguageModelError
from modules.tracing.base import Span, TurnTrace
from modules.tracing.tracer import TurnTracer
from modules.turn.events import PhaseChanged, ReplyEnded, TurnMeasured
from modules.turn.latency import LatencyRecord
from modules.turn.session import TurnSession
from modules.turn.state import Phase
from tests.fakes.clock import loop_time
from tests.fakes.desk import play, talk, whole_turn
from tests.fakes.engines import FakeLanguageModel
from tests.fakes.room import open_desk, say
from tests.unit.modules.metrics.helpers import WatchedDesk, watch

EPOCH = 1_700_000_000.0
"""Unix seconds at which the virtual clock is 0."""


def trace(script: Callable[[TurnSession], Awaitable[None]], **parts: object) -> list[TurnTrace]:
    found: list[TurnTrace] = []
    tracer = TurnTracer(found.append, loop_time, lambda: EPOCH + loop_time())

    async def whole(session: TurnSession) -> None:
        await script(session)
        await session.idle()
        tracer.close()

    watch(tracer, whole, **parts)
    return found


def parts(one: TurnTrace) -> dict[str, Span]:
    return {span.name: span for span in one.parts}


def seconds(span: Span) -> float:
    return span.end - span.start


def test_a_spoken_turn() -> None:
    (one,) = trace(whole_turn)
    assert len(bytes.fromhex(one.trace_id)) == 16
    assert one.error == ""
    assert one.turn.attributes == {
        "arvis.turn_id": 1,
        "arvis.outcome": "answered",
        "arvis.typed": False,
        "arvis.spoken": True,
        "arvis.revisions": 0,
    }
    spans = parts(one)
    assert list(spans) == [
        "listening",
        "endpointing",
        "transcribe",
        "llm first token",
        "llm",
        "tts first audio",
        "playing",
    ]
    assert seconds(spans["listening"]) == pytest.approx(1.0, abs=0.01)
    assert seconds(spans["endpointing"]) == pytest.approx(0.0, abs=0.001)
    assert seconds(spans["transcribe"]) == pytest.approx(0.1, abs=0.025)
    assert seconds(spans["llm first token"]) == pytest.approx(0.05, abs=0.001)
    assert seconds(spans["llm"]) == pytest.approx(0.1, abs=0.01)
    assert seconds(spans["tts first audio"]) == pytest.approx(0.01, abs=0.01)
    assert spans["transcribe"].start == spans["listening"].end
    assert spans["llm"].start == spans["transcribe"].end
    assert spans["playing"].end == pytest.approx(one.turn.end, abs=0.01)
    assert EPOCH + 1000 <= one.turn.start < EPOCH + 1001
    assert all(one.turn.start <= span.start <= span.end <= one.turn.end for span in one.parts)


def test_a_typed_turn_has_no_listening() -> None:
    async def script(session: TurnSession) -> None:
        session.submit("What is the capital of France?")

    (one,) = trace(script)
    assert list(parts(one)) == ["llm first token", "llm", "tts first audio", "playing"]
    assert one.turn.attributes["arvis.typed"] is True


def test_an_interrupted_turn_and_the_one_after_it() -> None:
    async def script(session: TurnSession) -> None:
        await talk(session)
        await asyncio.sleep(0.5)
        await talk(session)

    first, second = trace(script)
    assert first.trace_id != second.trace_id
    assert (first.turn.attributes["arvis.outcome"], second.turn.attributes["arvis.outcome"]) == (
        "interrupted",
        "answered",
    )
    assert "playing" in parts(first)
    assert first.turn.end <= second.turn.start + 0.001


def test_a_failed_turn() -> None:
    model = FakeLanguageModel(errors={0: LanguageModelError("server-gone", "It is gone.")})
    (one,) = trace(whole_turn, model=model)
    assert (one.error, one.turn.attributes["arvis.outcome"]) == ("server-gone", "failed")
    assert list(parts(one)) == ["listening", "endpointing", "transcribe"]


def test_a_turn_that_the_user_gave_up() -> None:
    async def script(session: TurnSession) -> None:
        session.press()
        await asyncio.sleep(0.4)
        session.stop()

    (one,) = trace(script)
    assert one.turn.attributes["arvis.outcome"] == "cancelled"
    assert list(parts(one)) == ["listening"]
    assert seconds(one.parts[0]) == pytest.approx(0.4)


def test_a_hands_free_turn_waits_for_the_end_to_be_certain() -> None:
    found: list[TurnTrace] = []
    tracer = TurnTracer(found.append, loop_time, lambda: EPOCH + loop_time())
    quiet = open_desk()
    desk = WatchedDesk(listener=tracer, source=quiet.source, ears=quiet.ears, settings=quiet.settings)

    async def script(session: TurnSession) -> None:
        await say(desk, 1.0)
        while Phase.SPEAKING not in desk.phases:
            desk.changed.clear()
            await desk.changed.wait()
        await session.idle()
        tracer.close()

    play(desk, script)
    (one,) = found
    spans = parts(one)
    assert 0.1 < seconds(spans["endpointing"]) < 1.5
    assert spans["llm"].start < spans["endpointing"].end  # it was begun before the end was certain
    assert seconds(spans["listening"]) > 0.5


def test_a_trace_waits_for_what_may_still_be_said_of_its_turn() -> None:
    found: list[TurnTrace] = []
    tracer = TurnTracer(found.append, lambda: 10.0, lambda: EPOCH)
    tracer(PhaseChanged(1, 0, Phase.COMMITTED))
    tracer(PhaseChanged(1, 0, Phase.IDLE))
    tracer(PhaseChanged(2, 0, Phase.LISTENING))
    tracer(ReplyEnded(1, 0, "words", interrupted=True, spoken=False))
    tracer(TurnMeasured(1, LatencyRecord(total=5.0)))
    tracer(TurnMeasured(9, LatencyRecord(total=5.0)))  # of a turn that is long gone
    assert found == []
    tracer(PhaseChanged(2, 0, Phase.SPECULATIVE))
    assert [one.turn.attributes["arvis.outcome"] for one in found] == ["interrupted"]


def test_no_words_reach_a_trace() -> None:
    told = str(trace(whole_turn))
    for word in ("capital", "france", "France", "Paris"):
        assert word not in told
