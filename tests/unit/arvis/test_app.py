"""The composition root: settings become engines, without loading anything."""

from __future__ import annotations

import pytest

from arvis import app
from config.settings import LlmSettings, ReplySettings, Settings, SttSettings, TtsSettings
from modules.audio import portaudio
from modules.audio.base import AudioError
from modules.registry import UnknownEngineError
from modules.tts.base import SynthesisError
from modules.turn.events import Notice, SessionEvent
from tests.fakes.audio import FakeOutput, FakeSource


def test_a_session_has_the_engines_that_the_settings_name() -> None:
    settings = Settings(
        stt=SttSettings(engine="moonshine", language="en"),
        llm=LlmSettings(engine="openai", base_url="http://127.0.0.1:9/v1", model="some-model"),
        tts=TtsSettings(engine="espeak-ng", fallback=("piper", "espeak-ng")),
        reply=ReplySettings(read_aloud=False),
    )
    transcriber = app.build_streaming_transcriber(settings)
    model = app.build_language_model(settings)
    voice = app.build_synthesizer(settings)
    assert (transcriber.name, model.name, voice.name) == ("moonshine", "openai", "espeak-ng")
    assert model.capabilities.local
    wanted = app.session_settings(settings)
    assert (wanted.language, wanted.read_aloud, wanted.voice) == ("en", False, None)
    session = app.build_session(settings, FakeSource(), FakeOutput(), lambda event: None)
    assert session.state.turn_id == 0


def test_the_key_of_the_server_comes_from_the_environment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(app.API_KEY_VARIABLE, "secret-key")
    model = app.build_language_model(Settings(llm=LlmSettings(engine="openai")))
    assert vars(model)["_key"] == "secret-key"
    assert "secret-key" not in repr(model)
    assert "secret-key" not in repr(vars(model)["_explain"])


def test_an_engine_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(
        UnknownEngineError, match=r"no voice engine named 'robot'\. Choose one of: hibari, piper, espeak-ng"
    ):
        app.build_synthesizer(Settings(tts=TtsSettings(engine="robot")))


async def test_a_voice_that_takes_over_is_told() -> None:
    told: list[SessionEvent] = []
    settings = Settings(tts=TtsSettings(engine="piper", voice="", fallback=("espeak-ng",)))
    voice = app.build_synthesizer(settings, told.append)
    voice._switch(voice._engine, SynthesisError("broken", "It broke."))  # type: ignore[attr-defined]  # a fallback
    assert told == [Notice("warning", "broken", "The voice is now espeak-ng, because piper failed: It broke.")]


def test_a_missing_sound_system_does_not_matter_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise AudioError("portaudio-missing", "PortAudio is not installed.")

    monkeypatch.setattr(portaudio, "portaudio", missing)
    app.preload_sound()
