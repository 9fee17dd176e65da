from __future__ import annotations

import asyncio
from contextlib import aclosing

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.llm.base import LanguageModelError, Message
from modules.metrics.collector import MetricsCollector
from modules.metrics.engines import MeasuredLanguageModel, MeasuredSynthesizer, MeasuredTranscriber
from modules.stt.base import TranscriptionError
from modules.tts.base import SynthesisError
from tests.fakes.clock import loop_time, run_virtual
from tests.fakes.engines import FakeLanguageModel, FakeSynthesizer, FakeTranscriber
from tests.unit.modules.metrics.helpers import means, totals

TWO_SECONDS = AudioChunk(np.full(32_000, 0.3, np.float32), 16_000)
PROMPT = [Message("user", "Hello")]


def test_a_transcriber() -> None:
    collector = MetricsCollector()
    engine = MeasuredTranscriber(FakeTranscriber("scribe", seconds=0.5), collector, loop_time)

    async def main() -> None:
        await engine.load()
        assert (await engine.transcribe(TWO_SECONDS)).text == "what is the capital of france"
        await engine.transcribe(AudioChunk(np.zeros(0, np.float32), 16_000))

    run_virtual(main)
    assert means(collector, "stt_seconds") == {("scribe",): pytest.approx(0.5)}
    assert means(collector, "stt_real_time_factor_ratio") == {("scribe",): pytest.approx(0.25)}
    assert totals(collector, "stt_audio_seconds_total") == {("scribe",): 2.0}
    assert totals(collector, "engine_calls_total") == {("stt", "scribe", "ok"): 2.0}


def test_a_transcriber_that_fails() -> None:
    collector = MetricsCollector()
    fake = FakeTranscriber("scribe", errors=[TranscriptionError("broken", "It is broken.")])

    async def main() -> None:
        with pytest.raises(TranscriptionError):
            await MeasuredTranscriber(fake, collector, loop_time).transcribe(TWO_SECONDS)

    run_virtual(main)
    assert totals(collector, "engine_errors_total") == {("stt", "scribe", "broken"): 1.0}
    assert totals(collector, "engine_calls_total") == {("stt", "scribe", "failed"): 1.0}
    assert means(collector, "stt_seconds") == {}


def test_an_error_that_is_none_of_ours_has_its_type_as_code() -> None:
    class Broken(FakeTranscriber):
        async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> None:  # type: ignore[override]
            raise RuntimeError("native trouble with /home/anna")

    collector = MetricsCollector()

    async def main() -> None:
        with pytest.raises(RuntimeError):
            await MeasuredTranscriber(Broken("scribe"), collector, loop_time).transcribe(TWO_SECONDS)  # type: ignore[arg-type]

    run_virtual(main)
    assert totals(collector, "engine_errors_total") == {("stt", "scribe", "RuntimeError"): 1.0}


def test_a_language_model() -> None:
    collector = MetricsCollector()
    fake = FakeLanguageModel("mind", first_token_seconds=0.2, token_seconds=0.05)
    engine = MeasuredLanguageModel(fake, collector, loop_time)

    async def main() -> str:
        assert engine.capabilities is fake.capabilities
        assert engine.count_tokens(PROMPT) == await engine.prefill(PROMPT) == 5
        return "".join([piece async for piece in engine.stream(PROMPT)])

    assert run_virtual(main) == "".join(fake.reply)
    assert means(collector, "llm_first_token_seconds") == {("mind",): pytest.approx(0.2)}
    assert means(collector, "llm_tokens_per_second") == {("mind",): pytest.approx(20.0)}
    assert means(collector, "llm_longest_gap_seconds") == {("mind",): pytest.approx(0.05)}
    assert totals(collector, "llm_tokens_total") == {("mind",): 6.0}
    assert totals(collector, "engine_calls_total") == {("llm", "mind", "ok"): 1.0}


def test_a_language_model_that_is_stopped_is_free_at_once() -> None:
    collector = MetricsCollector()
    fake = FakeLanguageModel("mind")

    async def main() -> None:
        async with aclosing(MeasuredLanguageModel(fake, collector, loop_time).stream(PROMPT)) as pieces:
            async for _ in pieces:
                break
        assert fake.closed_streams == 1

    run_virtual(main)
    assert totals(collector, "engine_calls_total") == {("llm", "mind", "cancelled"): 1.0}
    assert totals(collector, "llm_tokens_total") == {("mind",): 1.0}
    assert means(collector, "llm_tokens_per_second") == {}


def test_a_language_model_that_is_cancelled_while_it_thinks() -> None:
    collector = MetricsCollector()
    engine = MeasuredLanguageModel(FakeLanguageModel("mind", hang_at=0), collector, loop_time)

    async def first() -> str:
        return await anext(engine.stream(PROMPT))

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(first(), 1)

    run_virtual(main)
    assert totals(collector, "engine_calls_total") == {("llm", "mind", "cancelled"): 1.0}
    assert totals(collector, "llm_tokens_total") == {}


def test_a_language_model_that_fails_in_the_middle() -> None:
    collector = MetricsCollector()
    fake = FakeLanguageModel("mind", errors={3: LanguageModelError("server-gone", "It is gone.")})

    async def main() -> None:
        with pytest.raises(LanguageModelError):
            async for _ in MeasuredLanguageModel(fake, collector, loop_time).stream(PROMPT):
                pass

    run_virtual(main)
    assert totals(collector, "llm_tokens_total") == {("mind",): 3.0}
    assert totals(collector, "engine_errors_total") == {("llm", "mind", "server-gone"): 1.0}


def test_a_voice_whose_listener_is_slow() -> None:
    collector = MetricsCollector()
    fake = FakeSynthesizer("mouth", seconds=0.05)
    engine = MeasuredSynthesizer(fake, collector, loop_time)

    async def main() -> None:
        assert engine.capabilities is fake.capabilities
        async for _ in engine.stream("five words are spoken here"):
            await asyncio.sleep(3)

    run_virtual(main)
    assert means(collector, "tts_first_chunk_seconds") == {("mouth",): pytest.approx(0.05)}
    assert means(collector, "tts_real_time_factor_ratio") == {("mouth",): pytest.approx(0.1)}
    assert totals(collector, "tts_audio_seconds_total") == {("mouth",): pytest.approx(0.5)}


def test_a_voice_that_fails() -> None:
    collector = MetricsCollector()
    fake = FakeSynthesizer("mouth", errors=[SynthesisError("no-voice", "There is none.")])

    async def main() -> None:
        with pytest.raises(SynthesisError):
            async for _ in MeasuredSynthesizer(fake, collector, loop_time).stream("hello"):
                pass

    run_virtual(main)
    assert totals(collector, "engine_errors_total") == {("tts", "mouth", "no-voice"): 1.0}
    assert means(collector, "tts_first_chunk_seconds") == {}


def test_the_life_cycle_is_that_of_the_engine() -> None:
    fake = FakeSynthesizer("mouth")
    engine = MeasuredSynthesizer(fake, MetricsCollector(), loop_time)

    async def main() -> None:
        await engine.load()
        assert await engine.warm_up() == 0.001
        await engine.close()

    run_virtual(main)
    assert (engine.name, fake.loads, fake.closed) == ("mouth", 1, True)
