"""Composes the checks of `arvis doctor` out of the settings."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from arvis import app
from arvis.cli import probes
from arvis.cli.run import has_screen
from modules.audio.base import AudioChunk
from modules.audio.files import read_audio
from modules.health import desktop, ears, engines, installation, machine, sound
from modules.health.base import CheckResult, Status, in_thread, limited
from modules.hotkey.combination import parse_combination
from modules.hotkey.desktop import hotkey_for
from modules.models import embedded
from modules.turn.settings import ListeningMode
from utils import paths

if TYPE_CHECKING:
    from config.loader import Loaded
    from config.settings import Settings
    from modules.engine import Engine
    from modules.hotkey.base import Hotkey

QUICK_SECONDS = 15.0
"""For a check of the machine; the slowest starts the window toolkit in a process of its own."""
ENGINE_SECONDS = 180.0
"""For loading one engine from a slow disk; its model may have to be unpacked first."""
ENGINES_LIMIT = 700_000_000
"""Bytes that Arvis may need with all embedded engines loaded."""
WINDOW_LIMIT = 150_000_000
"""Bytes that the window may need before any engine loads."""
MODULES = ("faster_whisper", "hibari", "httpx", "num2words", "numpy", "onnxruntime", "PyQt6", "sounddevice", "soxr")
"""Without these Arvis does not work; what single engines need in addition, their own checks tell."""

Check = tuple[str, Awaitable[CheckResult]]


async def examine(loaded: Loaded) -> list[CheckResult]:
    """Run every check: those of the machine at once, then the engines one after the other, then memory."""
    results = list(await asyncio.gather(*(limited(name, check, QUICK_SECONDS) for name, check in _quick(loaded))))
    kept: list[Engine] = []
    try:
        for name, check in _engines(loaded.settings, kept):
            results.append(await limited(name, check, ENGINE_SECONDS))
        complete = all(result.status is not Status.UNHEALTHY for result in results)
        resident = machine.resident_bytes() if complete else None
        for name, check in (*_stand_ins(loaded.settings, kept), *_ears(loaded.settings, kept)):
            results.append(await limited(name, check, ENGINE_SECONDS))
    finally:
        for engine in kept:
            await engine.close()
    results.append(await limited("Memory", in_thread(partial(_memory, resident)), QUICK_SECONDS))
    return results


def _quick(loaded: Loaded) -> Iterator[Check]:
    settings = loaded.settings
    problems = [str(problem) for problem in loaded.problems]
    screen = has_screen(os.environ)
    yield "Python", in_thread(partial(installation.check_python, MODULES))
    yield "Settings", in_thread(partial(installation.check_settings, loaded.path, problems))
    yield "Models", in_thread(partial(installation.check_weights, _models()))
    yield "Disk", in_thread(partial(machine.check_disk, paths.models_dir()))
    yield "Microphone", sound.check_microphone(app.build_microphone(settings))
    yield "Speaker", sound.check_speaker(app.build_output(settings))
    yield "Screen", in_thread(partial(desktop.check_screen, screen, probes.probe_screen))
    yield "Hotkey", in_thread(partial(desktop.check_hotkey, settings.talk.hotkey, partial(_hotkey, settings)))


def _models() -> dict[str, Callable[[], object]]:
    return {
        "Whisper base": partial(embedded.whisper_base, paths.models_dir()),
        "SmolLM2": embedded.smollm2,
        "Joe (Piper voice)": embedded.joe_voice,
        "Moonshine tiny": embedded.moonshine_tiny,
    }


def _hotkey(settings: Settings) -> Hotkey:
    return hotkey_for(parse_combination(settings.talk.hotkey), os.environ)


def _engines(settings: Settings, kept: list[Engine]) -> Iterator[Check]:
    speech = _sample()
    steps: tuple[tuple[str, Callable[[Settings], Any], Callable[[Any], Awaitable[str]]], ...] = (
        ("Speech detection", app.build_vad, lambda vad: engines.detect(vad, speech)),
        ("Speech to text", app.build_transcriber, lambda transcriber: engines.transcribe(transcriber, speech)),
        ("Language model", app.build_language_model, lambda model: engines.answer(model, settings.llm.system_prompt)),
        ("Voice", app.build_synthesizer, lambda voice: engines.speak(voice, settings.tts.voice or None)),
    )
    for name, build, work in steps:
        wanted = settings.tts.engine if name == "Voice" else ""
        yield name, engines.check_engine(name, partial(build, settings), work, kept.append, wanted=wanted)


def _sample() -> AudioChunk:
    """Somebody who speaks, at 16 kHz."""
    with resources.as_file(resources.files("assets") / "speech" / "go_forward.flac") as path:
        return read_audio(path)


def _ears(settings: Settings, kept: list[Engine]) -> Iterator[Check]:
    """What leaving the microphone open takes, where the settings ask for that."""
    listening = settings.talk.listening
    if listening == ListeningMode.PUSH_TO_TALK:
        return
    speech = _sample()
    parts = app.build_ears(settings)
    steps: list[tuple[str, Engine | None, Callable[[Any], Awaitable[str]]]] = [
        ("Echo cancellation", parts.canceller, lambda canceller: ears.cancel_echo(canceller, speech)),
        ("End of turn", parts.endpoint_model, lambda model: ears.judge(model, speech)),
    ]
    if listening == ListeningMode.WAKE_WORD:
        steps.append(("Wake word", parts.wake, lambda detector: ears.stay_asleep(detector, speech)))
    for name, engine, work in steps:
        if engine is not None:
            yield name, engines.check_engine(name, partial(_itself, engine), work, kept.append, essential=False)


def _itself(engine: Engine) -> Engine:
    return engine


def _stand_ins(settings: Settings, kept: list[Engine]) -> Iterator[Check]:
    """The voices that speak when the first one cannot."""
    for engine in settings.tts.fallback:
        if engine != settings.tts.engine:
            name = f"Voice in reserve: {engine}"
            alone = replace(settings, tts=replace(settings.tts, engine=engine, fallback=(), voice=""))
            build = partial(app.build_synthesizer, alone)
            work = partial(engines.speak, name=None)
            yield name, engines.check_engine(name, build, work, kept.append, essential=False)


def _memory(engines_bytes: int | None) -> CheckResult:
    return machine.check_memory(
        engines_bytes, probes.measure_window(), engines_limit=ENGINES_LIMIT, window_limit=WINDOW_LIMIT
    )
