"""The composition root: the one place that builds concrete engines and wires them. It knows nothing of Qt."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arvis.ears import build_ears, build_echo_canceller, build_endpoint_model, build_vad, build_wake_word
from config.settings import Settings
from modules.audio.base import AudioError, AudioOutput, AudioSource
from modules.llm.base import GenerationOptions, LanguageModel
from modules.llm.registry import LANGUAGE_MODELS
from modules.stt.base import StreamingTranscriber, Transcriber
from modules.stt.registry import TRANSCRIBERS
from modules.tts.base import Synthesizer
from modules.tts.registry import SYNTHESIZERS
from modules.tts.speech import SpeechRenderer
from modules.turn.events import Notice
from modules.turn.parts import EarParts, SessionParts
from modules.turn.session import Listener, TurnSession
from modules.turn.settings import ListeningMode, SessionSettings
from utils import paths
from utils.errors import ArvisError

if TYPE_CHECKING:
    from modules.bench.turn import Measured, TurnBench

__all__ = [
    "API_KEY_VARIABLE",
    "build_ears",
    "build_echo_canceller",
    "build_endpoint_model",
    "build_language_model",
    "build_microphone",
    "build_output",
    "build_renderer",
    "build_session",
    "build_streaming_transcriber",
    "build_synthesizer",
    "build_transcriber",
    "build_vad",
    "build_wake_word",
    "preload_sound",
    "run_bench_turn",
    "session_settings",
]

log = logging.getLogger(__name__)

API_KEY_VARIABLE = "ARVIS_LLM_API_KEY"
"""Environment variable with the key of the language model's server; secrets are never in the settings file."""
DEFAULT_PHRASES = "en"
"""Language whose short answers, fillers and corrections are known while the user's is found out from the speech."""


def build_transcriber(settings: Settings) -> Transcriber:
    """The speech recognition engine, for whole recordings."""
    parameters: dict[str, Any] = {
        "model": settings.stt.model,
        "threads": settings.stt.threads,
        "cache_dir": paths.models_dir(),
    }
    if settings.stt.engine == "faster-whisper":
        parameters["beam_size"] = settings.stt.beam_size
    return TRANSCRIBERS.create(settings.stt.engine, **parameters)


def build_streaming_transcriber(settings: Settings) -> StreamingTranscriber:
    """The speech recognition engine, at work while the user speaks."""
    from modules.stt.incremental import IncrementalTranscriber

    return IncrementalTranscriber(build_transcriber(settings), build_vad(settings), threshold=settings.vad.threshold)


def build_language_model(settings: Settings) -> LanguageModel:
    """The language model."""
    llm = settings.llm
    if llm.engine == "openai":
        return LANGUAGE_MODELS.create(
            "openai",
            base_url=llm.base_url,
            model="" if llm.model == "embedded" else llm.model,
            api_key=os.environ.get(API_KEY_VARIABLE),
            timeout_seconds=llm.timeout_seconds,
            context_tokens=llm.context_tokens,
        )
    return LANGUAGE_MODELS.create(llm.engine, model=llm.model, threads=llm.threads, context_tokens=llm.context_tokens)


def build_synthesizer(settings: Settings, listener: Listener | None = None) -> Synthesizer:
    """The voice engine, with the ones that stand in for it; `listener` is told when one does."""
    from modules.tts.fallback import FallbackSynthesizer

    def on_switch(failed: str, follower: str, error: ArvisError) -> None:
        if listener is not None:
            listener(
                Notice("warning", error.code, f"The voice is now {follower}, because {failed} failed: {error.message}")
            )

    names = [settings.tts.engine, *(name for name in settings.tts.fallback if name != settings.tts.engine)]
    return FallbackSynthesizer([SYNTHESIZERS.create(name) for name in names], on_switch)


def build_renderer(settings: Settings, listener: Listener | None = None) -> SpeechRenderer:
    """What turns clauses into sound: normaliser, voice, trimming and pauses."""
    return SpeechRenderer(build_synthesizer(settings, listener))


def build_microphone(settings: Settings) -> AudioSource:
    """The microphone."""
    from modules.audio.microphone import Microphone

    return Microphone(device=settings.audio.input_device, block_frames=settings.audio.block_frames)


def build_output(settings: Settings) -> AudioOutput:
    """The speaker."""
    from modules.audio.speaker import Speaker

    return Speaker(device=settings.audio.output_device, block_frames=settings.audio.block_frames)


def preload_sound() -> None:
    """Load the sound system, so that the first press of the talk key need not wait for it; takes up to a second."""
    from modules.audio.portaudio import portaudio

    try:
        portaudio()
    except AudioError as error:  # whoever needs it will say so
        log.info("no sound system: %s", error.code)


def session_settings(settings: Settings) -> SessionSettings:
    """The part of the settings that a session needs."""
    language = None if settings.stt.language == "auto" else settings.stt.language
    return SessionSettings(
        system_prompt=settings.llm.system_prompt,
        generation=GenerationOptions(max_tokens=settings.llm.max_tokens, temperature=settings.llm.temperature),
        language=language,
        read_aloud=settings.reply.read_aloud,
        voice=settings.tts.voice or None,
        speed=settings.tts.speed,
        max_utterance_seconds=settings.talk.max_seconds,
        listening=ListeningMode(settings.talk.listening),
        debounce_seconds=settings.talk.debounce or None,
        hands_free_max_seconds=settings.talk.hands_free_max_seconds,
        barge_in=settings.talk.barge_in,
        follow_up_seconds=settings.wake.follow_up,
        earcons=settings.talk.earcons,
        phrase_language=language or DEFAULT_PHRASES,
    )


def build_session(
    settings: Settings, source: AudioSource, output: AudioOutput, listener: Listener, ears: EarParts | None = None
) -> TurnSession:
    """A session with the engines that the settings name; nothing is loaded yet.

    Args:
        settings: The settings.
        source: The microphone.
        output: The speaker.
        listener: Told everything that happens.
        ears: What it takes to leave the microphone open; None for a session that is talked to with the key held only.
    """
    parts = SessionParts(
        source=source,
        output=output,
        transcriber=build_streaming_transcriber(settings),
        model=build_language_model(settings),
        renderer=build_renderer(settings, listener),
        ears=ears,
    )
    return TurnSession(parts, session_settings(settings), listener)


async def run_bench_turn(
    settings: Settings, audio_dir: Path | None, runs: int, on_turn: Callable[[Measured], None] | None = None
) -> TurnBench:
    """Measure whole turns and the bare engines over the recordings of a folder (None: the sample speech)."""
    from modules.bench.turn import BenchEngines, measure, recordings
    from modules.stt.incremental import IncrementalTranscriber

    transcriber = build_transcriber(settings)
    engines = BenchEngines(
        transcriber,
        IncrementalTranscriber(transcriber, build_vad(settings), threshold=settings.vad.threshold),
        build_language_model(settings),
        build_renderer(settings),
    )
    with as_file(files("assets") / "speech") as samples:
        try:
            found = recordings(audio_dir if audio_dir is not None else samples)
            return await measure(engines, session_settings(settings), found, runs=runs, on_turn=on_turn)
        finally:
            for engine in (engines.streaming, engines.model, engines.renderer.synthesizer):
                await engine.close()
