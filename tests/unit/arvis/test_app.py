"""The composition root: settings become engines, without loading anything."""

from __future__ import annotations

import pytest

from arvis import app
from config.settings import (
    AudioSettings,
    EndpointSettings,
    LlmSettings,
    ReplySettings,
    Settings,
    SttSettings,
    TalkSettings,
    TtsSettings,
    VadSettings,
    WakeSettings,
)
from modules.audio import headset, portaudio
from modules.audio.base import AudioError
from modules.registry import UnknownEngineError
from modules.turn.settings import ListeningMode
from tests.fakes.audio import FakeOutput, FakeSource


def test_a_session_has_the_engines_that_the_settings_name() -> None:
    settings = Settings(
        audio=AudioSettings(echo_cancellation="on"),
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


def test_what_the_user_says_about_listening_reaches_the_session() -> None:
    settings = Settings(
        stt=SttSettings(language="de"),
        talk=TalkSettings(
            listening="wake-word", barge_in=False, debounce_seconds=0.8, hands_free_max_seconds=30.0, earcons=False
        ),
        wake=WakeSettings(follow_up_seconds=3.0),
    )
    wanted = app.session_settings(settings)
    assert wanted.listening is ListeningMode.WAKE_WORD
    assert (wanted.barge_in, wanted.earcons) == (False, False)
    assert (wanted.debounce_seconds, wanted.hands_free_max_seconds, wanted.follow_up_seconds) == (0.8, 30.0, 3.0)
    assert wanted.phrase_language == "de"


def test_by_default_the_pause_adapts_itself_and_the_phrases_are_english() -> None:
    wanted = app.session_settings(Settings())
    assert (wanted.debounce_seconds, wanted.language, wanted.phrase_language) == (None, None, "en")
    assert wanted.listening is ListeningMode.PUSH_TO_TALK


def test_an_open_microphone_has_the_engines_that_the_settings_name() -> None:
    settings = Settings(
        audio=AudioSettings(echo_cancellation="on"),
        vad=VadSettings(threshold=0.7),
        wake=WakeSettings(model="alexa", threshold=0.8, cooldown_seconds=5.0),
    )
    ears = app.build_ears(settings)
    assert ears.canceller is not None
    assert ears.endpoint_model is not None
    assert ears.wake is not None
    assert (ears.vad.name, ears.canceller.name, ears.endpoint_model.name) == ("silero", "webrtc", "smart-turn")
    assert (ears.wake.name, ears.wake.phrases[0]) == ("openwakeword", "alexa")
    assert (vars(ears.wake)["_threshold"], vars(ears.wake)["_cooldown"]) == (0.8, 5.0)
    assert ears.threshold == 0.7


def test_what_is_switched_off_is_left_out() -> None:
    settings = Settings(audio=AudioSettings(echo_cancellation="off"), endpoint=EndpointSettings(model="none"))
    ears = app.build_ears(settings)
    assert (ears.canceller, ears.endpoint_model, ears.is_isolated) == (None, None, None)


@pytest.mark.parametrize(
    ("wanted", "worn", "cancels", "isolated"),
    [
        ("auto", True, True, True),
        ("auto", False, True, False),
        ("on", True, True, None),
        ("off", True, False, None),
    ],
)
def test_a_headset_needs_no_echo_cancellation_unless_the_user_says_so(
    monkeypatch: pytest.MonkeyPatch, wanted: str, worn: bool, cancels: bool, isolated: bool | None
) -> None:
    asked: list[str] = []

    def is_headset(device: str) -> bool:
        asked.append(device)
        return worn

    monkeypatch.setattr(headset, "is_headset", is_headset)
    ears = app.build_ears(Settings(audio=AudioSettings(echo_cancellation=wanted, output_device="USB Audio")))
    assert asked == [], "it may take a second"
    assert (ears.canceller is not None, ears.is_isolated and ears.is_isolated()) == (cancels, isolated)
    assert asked == (["USB Audio"] if wanted == "auto" else [])


def test_the_transcriber_and_the_open_microphone_have_a_detector_each() -> None:
    settings = Settings(audio=AudioSettings(echo_cancellation="on"))
    assert app.build_ears(settings).vad is not vars(app.build_streaming_transcriber(settings))["_vad"]


def test_an_engine_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(
        UnknownEngineError, match=r"no voice engine named 'robot'\. Choose one of: hibari, piper, espeak-ng"
    ):
        app.build_synthesizer(Settings(tts=TtsSettings(engine="robot")))


def test_a_missing_sound_system_does_not_matter_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise AudioError("portaudio-missing", "PortAudio is not installed.")

    monkeypatch.setattr(portaudio, "portaudio", missing)
    app.preload_sound()
