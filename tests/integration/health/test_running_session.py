"""The checks of a running session, with the real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from arvis import monitoring
from config.settings import Settings
from modules.audio.devices import AudioDevice
from modules.engine import Engine
from modules.health.base import Status
from modules.health.checker import HealthChecker
from modules.health.engines import question
from modules.health.session import SessionWatch
from modules.llm.base import GenerationOptions, Message
from modules.llm.llama_cpp import LlamaCpp
from modules.stt.incremental import IncrementalTranscriber
from modules.stt.moonshine import MoonshineTranscriber
from modules.tts.hibari import HibariSynthesizer
from modules.tts.speech import SpeechRenderer
from modules.turn.events import EngineReady, Role
from modules.turn.parts import SessionParts
from modules.vad.silero import SileroVad
from tests.fakes.audio import FakeOutput, FakeSource

SETTINGS = Settings.of({"stt.engine": "moonshine", "stt.fallback": (), "tts.fallback": ()})
CONVERSATION = [
    Message("system", "You are a helpful assistant. " * 20),
    Message("user", "Tell me about Paris."),
    Message("assistant", "Paris is the capital of France."),
]


@dataclass
class Running:
    checker: HealthChecker
    model: LlamaCpp
    prompt: list[Message]


@pytest.fixture
async def running(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> AsyncIterator[Running]:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    device = AudioDevice(0, "Desk", "input", 1, 48_000, True, "ALSA")
    monkeypatch.setattr(monitoring, "_find", lambda kind, name: device)
    transcriber = IncrementalTranscriber(MoonshineTranscriber(), SileroVad())
    model, voice = LlamaCpp(), HibariSynthesizer()
    watch = SessionWatch()
    engines: list[tuple[Role, Engine]] = [("stt", transcriber), ("llm", model), ("tts", voice)]
    for role, engine in engines:
        await engine.load()
        watch(EngineReady(role, engine.name, 1.0, await engine.warm_up()))
    prompt = question(SETTINGS.llm.system_prompt)
    parts = SessionParts(FakeSource(), FakeOutput(), transcriber, model, SpeechRenderer(voice))
    yield Running(monitoring.build_health(SETTINGS, parts, watch, prompt=lambda: prompt), model, prompt)
    for _, engine in engines:
        await engine.close()


async def test_every_stage_does_real_work_and_is_timed(running: Running) -> None:
    report = await running.checker.check()
    found = {name: entry.finding for name, entry in report.entries.items()}
    for stage in ("stt", "llm", "tts"):  # DEGRADED where this machine is too slow now
        assert found[stage].status in (Status.HEALTHY, Status.DEGRADED), found[stage]
    assert "forward" in found["stt"].reason
    assert found["stt"].figures["rtf"] > 0
    assert found["llm"].figures["first_token_ms"] > 0
    assert found["llm"].figures["tokens_per_second"] > 0
    assert found["tts"].figures["rtf"] > 0
    assert found["models"].status is Status.HEALTHY, found["models"]
    assert report.ready


async def test_the_model_still_knows_the_conversation_after_it_was_tried(running: Running) -> None:
    running.prompt[:] = [*CONVERSATION, Message("user", "Hello.")]
    await running.model.prefill(CONVERSATION)
    await running.checker.check("llm")
    before = running.model.evaluated_tokens
    turn = [*CONVERSATION, Message("user", "And what about Rome?")]
    async for _ in running.model.stream(turn, GenerationOptions(max_tokens=1)):
        pass
    assert running.model.evaluated_tokens - before < 30 < running.model.count_tokens(CONVERSATION)
