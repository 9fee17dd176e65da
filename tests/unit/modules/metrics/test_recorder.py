"""What sessions over fakes come to in figures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from modules.llm.base import LanguageModelError
from modules.metrics.collector import MetricsCollector
from modules.metrics.recorder import SessionRecorder
from modules.turn.events import (
    DebounceChanged,
    EngineFailed,
    EngineReady,
    InputLevel,
    MicrophoneChanged,
    Notice,
    OverlapChanged,
    PhaseChanged,
    ReplyEnded,
    SpeculationMeasured,
    TurnMeasured,
    UtteranceDropped,
    WakeHeard,
)
from modules.turn.latency import LatencyRecord
from modules.turn.session import TurnSession
from modules.turn.state import Overlap, Phase
from tests.fakes.clock import loop_time
from tests.fakes.desk import talk, whole_turn
from tests.fakes.engines import FakeLanguageModel, FakeTranscriber
from tests.unit.modules.metrics.helpers import Clock, means, totals, watch


def record(script: Callable[[TurnSession], Awaitable[None]], **parts: object) -> MetricsCollector:
    collector = MetricsCollector()
    recorder = SessionRecorder(collector, loop_time)
    watch(recorder, script, **parts)
    recorder.close()
    return collector


def test_a_spoken_turn() -> None:
    collector = record(whole_turn)
    assert totals(collector, "turns_started_total") == {(): 1.0}
    assert totals(collector, "turns_total") == {("answered",): 1.0}
    assert totals(collector, "utterances_total") == {("spoken",): 1.0}
    assert totals(collector, "replies_spoken_total") == {("yes",): 1.0}
    latency = means(collector, "turn_latency_seconds")
    assert latency["final_transcript",] == pytest.approx(0.1, abs=0.025)
    assert latency["first_token",] == pytest.approx(0.15, abs=0.025)
    assert latency["first_audible",] == pytest.approx(0.21, abs=0.025)
    own = means(collector, "turn_stage_seconds")
    assert own["final_transcript",] == pytest.approx(0.1, abs=0.025)
    assert own["first_token",] == pytest.approx(0.05, abs=0.01)
    assert sum(own.values()) == pytest.approx(latency["total",], abs=0.001)
    phases = means(collector, "turn_phase_seconds")
    assert phases["listening",] == pytest.approx(1.0, abs=0.05)
    assert ("idle",) not in phases
    ready = [series.labels for series in collector.series() if series.metric.name == "engine_ready"]
    assert sorted(role for role, _ in ready) == ["llm", "stt", "tts"]


def test_a_typed_turn() -> None:
    async def script(session: TurnSession) -> None:
        session.submit("What is the capital of France?")

    collector = record(script)
    assert totals(collector, "utterances_total") == {("typed",): 1.0}
    assert ("final_transcript",) not in means(collector, "turn_latency_seconds")


def test_how_turns_end() -> None:
    async def script(session: TurnSession) -> None:
        await talk(session)
        await asyncio.sleep(0.5)
        await talk(session)  # interrupts
        await session.idle()
        session.press()
        await asyncio.sleep(0.2)
        session.stop()  # thinks better of it
        await session.idle()

    collector = record(script)
    assert totals(collector, "turns_total") == {("interrupted",): 1.0, ("answered",): 1.0, ("cancelled",): 1.0}
    assert totals(collector, "turns_started_total") == {(): 3.0}


def test_a_turn_whose_model_fails() -> None:
    model = FakeLanguageModel(errors={2: LanguageModelError("server-gone", "It is gone.")})
    collector = record(whole_turn, model=model)
    assert totals(collector, "turns_total") == {("failed",): 1.0}
    assert totals(collector, "notices_total") == {("error", "server-gone"): 1.0}


def test_a_turn_in_which_nothing_is_heard() -> None:
    collector = record(whole_turn, transcriber=FakeTranscriber(text=""))
    assert totals(collector, "turns_total") == {("cancelled",): 1.0}
    assert totals(collector, "notices_total") == {("info", "nothing-heard"): 1.0}


def test_an_engine_that_does_not_load() -> None:
    model = FakeLanguageModel(
        name="big", load_errors=[LanguageModelError("no-file", "There is none.") for _ in range(9)]
    )
    collector = record(whole_turn, model=model)
    failures = totals(collector, "engine_load_failures_total")
    assert failures["llm", "big", "no-file"] >= 1
    assert totals(collector, "engine_ready").get(("llm", "big")) is None


def test_events_that_a_session_with_a_talk_key_has_not() -> None:
    collector = MetricsCollector()
    recorder = SessionRecorder(collector, Clock())
    for event in (
        PhaseChanged(1, 0, Phase.LISTENING),
        UtteranceDropped(1),
        UtteranceDropped(1),
        OverlapChanged(2, Overlap.DUCKED),
        OverlapChanged(2, Overlap.NONE),
        MicrophoneChanged(True),
        DebounceChanged(0.6, adaptive=True),
        WakeHeard(0.9),
        InputLevel(0.5),
        SpeculationMeasured(1, 0, 0, 0, 0.0),
        SpeculationMeasured(3, 1, 1, 12, 340.0),
        Notice("warning", "device-lost", "The microphone is gone."),
        Notice("error", "late", "It failed.", turn_id=7),  # of a turn that is long over
        EngineReady("tts", "hibari", 2.5, 0.02),
        EngineFailed("tts", "hibari", "no-file", "There is none."),
    ):
        recorder(event)
    recorder.close()
    assert totals(collector, "turns_total") == {("dropped",): 1.0}
    assert totals(collector, "overlaps_total") == {("ducked",): 1.0, ("none",): 1.0}
    assert totals(collector, "microphone_open") == {(): 1.0}
    assert totals(collector, "debounce_seconds") == {(): 0.6}
    assert totals(collector, "wake_words_total") == {(): 1.0}
    assert totals(collector, "speculations_total") == {("started",): 3.0, ("used",): 1.0, ("wasted",): 1.0}
    assert totals(collector, "speculation_wasted_tokens_total") == {(): 12.0}
    assert totals(collector, "speculation_wasted_seconds_total") == {(): pytest.approx(0.34)}
    assert totals(collector, "engine_load_seconds") == {("tts", "hibari"): 2.5}
    assert totals(collector, "engine_ready") == {}


def test_the_first_audio_of_a_reply_begun_early_counts_from_the_certain_end() -> None:
    collector = MetricsCollector()
    # The reply was made while the end was still uncertain, and its sound only waited for that.
    early = LatencyRecord(final_transcript=100, end_decided=600, first_token=180, first_clause=250, first_audio=605)
    SessionRecorder(collector)(TurnMeasured(1, early))
    own = means(collector, "turn_stage_seconds")
    assert own["first_audio",] == pytest.approx(0.005)
    assert own["first_token",] == pytest.approx(0.08)
    assert own["end_decided",] == pytest.approx(0.35)


def test_a_stage_before_the_end_of_speech_takes_no_time() -> None:
    collector = MetricsCollector()
    SessionRecorder(collector)(TurnMeasured(1, LatencyRecord(final_transcript=-20.0, first_token=50.0)))
    assert means(collector, "turn_latency_seconds")["final_transcript",] == 0.0
    assert means(collector, "turn_stage_seconds")["first_token",] == pytest.approx(0.05)


def test_what_others_tell() -> None:
    collector = MetricsCollector()
    recorder = SessionRecorder(collector)
    recorder.switched("tts", 0.02)
    recorder.switched("llm")
    recorder.health("disk", "DEGRADED")
    recorder(ReplyEnded(4, 0, "words", interrupted=False, spoken=False))  # of no turn that it knows
    assert totals(collector, "engine_switches_total") == {("tts",): 1.0, ("llm",): 1.0}
    assert means(collector, "engine_switch_seconds") == {("tts",): 0.02}
    assert totals(collector, "health_status") == {("disk",): 2.0}
    assert totals(collector, "turns_total") == {}


def test_no_words_reach_the_figures() -> None:
    collector = record(whole_turn)
    told = str(collector.drain()) + str(collector.series())
    for word in ("capital", "france", "France", "Paris"):
        assert word not in told
