"""Engines as the settings name them, with those that stand in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from arvis import engines
from arvis.engines import EngineHooks, build_language_model, build_synthesizer, build_transcriber, notice_of, uncached
from config.settings import FallbackSettings, LlmSettings, Settings, SttSettings, TtsSettings
from modules.fallback.events import Moment, SwitchEvent
from modules.metrics.collector import MetricsCollector
from modules.metrics.engines import MeasuredSynthesizer
from modules.security.base import SecretError
from modules.tts.base import SynthesisError
from modules.tts.cache import CachingSynthesizer
from utils.discretion import forget_secrets, redacted
from utils.errors import ArvisError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))


def chain_of(engine: Any) -> list[Any]:
    return [link.engine for link in engine.chain.links]


def test_each_stage_is_a_chain_in_the_order_of_the_settings() -> None:
    chains: dict[str, Any] = {}
    settings = Settings(
        stt=SttSettings(engine="moonshine", fallback=("faster-whisper", "moonshine")),
        llm=LlmSettings(engine="openai", fallback=("llama-cpp",)),
        tts=TtsSettings(engine="piper", fallback=("espeak-ng", "hibari")),
        fallback=FallbackSettings(failures=5, recovery_seconds=7.0),
    )
    hooks = EngineHooks(chains=chains)
    made = (
        build_transcriber(settings, hooks),
        build_language_model(settings, hooks),
        build_synthesizer(settings, hooks),
    )
    assert [[engine.name for engine in chain_of(stage)] for stage in made] == [
        ["moonshine", "faster-whisper"],
        ["openai", "llama-cpp"],
        ["piper", "espeak-ng", "hibari"],
    ]
    assert list(chains) == ["stt", "llm", "tts"]
    assert (chains["tts"].policy.failures, chains["tts"].policy.recovery_seconds) == (5, 7.0)


def test_speech_is_kept_and_engines_are_measured_where_that_is_wanted() -> None:
    plain = build_synthesizer(uncached(Settings()))
    assert {type(engine).__name__ for engine in chain_of(plain)} == {
        "HibariSynthesizer",
        "PiperSynthesizer",
        "EspeakSynthesizer",
    }
    kept = build_synthesizer(Settings(), EngineHooks(collector=MetricsCollector()))
    assert all(isinstance(engine, CachingSynthesizer) for engine in chain_of(kept))
    measured = build_synthesizer(uncached(Settings()), EngineHooks(collector=MetricsCollector()))
    assert all(isinstance(engine, MeasuredSynthesizer) for engine in chain_of(measured))


def test_a_model_of_one_engine_is_not_asked_of_another() -> None:
    settings = Settings(llm=LlmSettings(engine="openai", model="gpt", fallback=("llama-cpp",)))
    openai, llama = chain_of(build_language_model(settings))
    assert vars(openai)["_model"] == "gpt"
    assert "gpt" not in str(vars(llama))


def test_the_key_of_the_server_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_LLM_API_KEY", "secret-key")
    (model,) = chain_of(build_language_model(Settings(llm=LlmSettings(engine="openai"))))
    assert vars(model)["_ask_key"]() == "secret-key"
    assert "secret-key" not in repr(model)
    assert redacted("it said secret-key") == "it said [redacted]"
    forget_secrets()


def test_a_key_that_cannot_be_had_is_told_and_the_engine_built_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Locked:
        def __init__(self, ask: object) -> None:
            assert ask is None

        def get(self, name: str) -> str:
            raise SecretError("locked", f"The keyring with {name} is locked. Unlock it.")

    monkeypatch.setattr("arvis.security.secret_store", Locked)
    told: list[ArvisError] = []
    settings = Settings(llm=LlmSettings(engine="openai"))
    (model,) = chain_of(build_language_model(settings, EngineHooks(complain=told.append)))
    assert told == []  # not before it is needed: a keyring may have to ask the user
    assert vars(model)["_ask_key"]() is None
    assert [error.code for error in told] == ["locked"]


@pytest.mark.parametrize(
    ("error", "severity", "code"),
    [(SynthesisError("broken", "It broke."), "warning", "broken"), (None, "info", "engine-back")],
)
def test_a_switch_is_told_in_one_sentence(error: ArvisError | None, severity: str, code: str) -> None:
    notice = notice_of(SwitchEvent("tts", "piper", "espeak-ng", error, Moment.FIRST_RESULT, 0.1, first=True))
    assert (notice.severity, notice.code) == (severity, code)
    assert "espeak-ng" in notice.text


def test_without_hooks_what_cannot_be_had_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    engines.NO_HOOKS.complain(ArvisError("no-key", "There is no key."))
    assert "no-key" in caplog.text
