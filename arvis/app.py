"""The composition root: the one place that builds concrete engines and wires them. It knows nothing of Qt."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from arvis.ears import build_ears, build_echo_canceller, build_endpoint_model, build_vad, build_wake_word
from arvis.engines import (
    NO_HOOKS,
    EngineHooks,
    build_language_model,
    build_renderer,
    build_streaming_transcriber,
    build_synthesizer,
    build_transcriber,
    installed_voice,
    notice_of,
    uncached,
)
from config.settings import Settings
from modules.audio.base import AudioError, AudioOutput, AudioSource
from modules.fallback.events import SwitchEvent
from modules.llm.base import GenerationOptions
from modules.turn.events import Notice
from modules.turn.parts import EarParts, SessionParts
from modules.turn.session import Listener, TurnSession
from modules.turn.settings import ListeningMode, SessionSettings
from utils.errors import ArvisError

if TYPE_CHECKING:
    from modules.bench.turn import Measured, TurnBench

__all__ = [
    "EngineHooks",
    "build_ears",
    "build_echo_canceller",
    "build_endpoint_model",
    "build_language_model",
    "build_microphone",
    "build_output",
    "build_parts",
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
    "uncached",
]

log = logging.getLogger(__name__)

DEFAULT_PHRASES = "en"
"""Language whose short answers, fillers and corrections are known while the user's is found out from the speech."""


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
        voice=None if installed_voice(settings) else settings.tts.voice or None,
        speed=settings.tts.speed,
        max_utterance_seconds=settings.talk.max_seconds,
        listening=ListeningMode(settings.talk.listening),
        debounce_seconds=settings.talk.debounce_seconds or None,
        hands_free_max_seconds=settings.talk.hands_free_max_seconds,
        barge_in=settings.talk.barge_in,
        follow_up_seconds=settings.wake.follow_up_seconds,
        earcons=settings.talk.earcons,
        phrase_language=language or DEFAULT_PHRASES,
    )


def build_parts(
    settings: Settings,
    source: AudioSource,
    output: AudioOutput,
    ears: EarParts | None = None,
    hooks: EngineHooks = NO_HOOKS,
) -> SessionParts:
    """What a session is made of, with the engines that the settings name; nothing is loaded yet.

    Args:
        settings: The settings.
        source: The microphone.
        output: The speaker.
        ears: What it takes to leave the microphone open; None for a session that is talked to with the key held only.
        hooks: What the engines tell and ask.
    """
    return SessionParts(
        source=source,
        output=output,
        transcriber=build_streaming_transcriber(settings, hooks),
        model=build_language_model(settings, hooks),
        renderer=build_renderer(settings, hooks),
        ears=ears,
    )


def build_session(
    settings: Settings,
    source: AudioSource,
    output: AudioOutput,
    listener: Listener,
    ask: Callable[[bool], str] | None = None,
) -> TurnSession:
    """A session that is talked to with the key held.

    Args:
        settings: The settings.
        source: The microphone.
        output: The speaker.
        listener: Told everything that happens, also that an engine stands in for another one.
        ask: Asks for the passphrase of the file of secrets; None where there is nobody to ask.
    """

    def on_switch(event: SwitchEvent) -> None:
        if event.first:
            listener(notice_of(event))

    def complain(error: ArvisError) -> None:
        listener(Notice("warning", error.code, error.message))

    parts = build_parts(settings, source, output, hooks=EngineHooks(on_switch=on_switch, complain=complain, ask=ask))
    return TurnSession(parts, session_settings(settings), listener)


async def run_bench_turn(
    settings: Settings, audio_dir: Path | None, runs: int, on_turn: Callable[[Measured], None] | None = None
) -> TurnBench:
    """Measure whole turns and the bare engines over the recordings of a folder (None: the sample speech)."""
    from modules.bench.turn import BenchEngines, measure, recordings
    from modules.stt.incremental import IncrementalTranscriber

    settings = uncached(settings)
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
