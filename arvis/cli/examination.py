"""Composes the checks of `arvis doctor` out of the settings."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from arvis import app
from arvis.cli import probes
from arvis.cli.run import has_screen
from arvis.machine_checks import machine_checks, sample
from config.origin import unchosen
from modules.health import desktop, ears, engines, installation, machine, sound
from modules.health.base import Check, Finding, Status, in_thread
from modules.health.checker import HealthChecker
from modules.health.engines import Trial
from modules.health.report import HealthReport
from modules.hotkey.combination import parse_combination
from modules.hotkey.desktop import hotkey_for
from modules.turn.settings import ListeningMode

if TYPE_CHECKING:
    from config.loader import Loaded
    from config.settings import Settings
    from modules.engine import Engine
    from modules.hotkey.base import Hotkey

MACHINE_SECONDS = 15.0
"""For a check of the machine where there is time; the slowest reads every byte of the models."""
ENGINE_SECONDS = 180.0
"""For loading one engine from a slow disk; its model may have to be unpacked first."""
CLOSE_SECONDS = 3.0
"""For closing all engines; one that hangs cannot be closed."""
ENGINES_LIMIT = 700_000_000
"""Bytes that Arvis may need with all embedded engines loaded."""
WINDOW_LIMIT = 150_000_000
"""Bytes that the window may need before any engine loads."""
MODULES = ("faster_whisper", "hibari", "httpx", "num2words", "numpy", "onnxruntime", "PyQt6", "sounddevice", "soxr")
"""Without these Arvis does not work; what single engines need in addition, their own checks tell."""


@dataclass
class Examination:
    """What was found out."""

    report: HealthReport = field(default_factory=lambda: HealthReport({}))
    hangs: bool = False
    """Whether something did not come back in time, so that this process may not be able to end by itself."""

    def add(self, checker: HealthChecker) -> None:
        """Take what a checker knows."""
        self.report = HealthReport({**self.report.entries, **checker.report().entries})
        self.hangs = self.hangs or bool(checker.given_up)


async def examine(loaded: Loaded, *, quick: bool = False) -> Examination:
    """Run every check: those of the machine at once, then the engines one after the other, then memory.

    Args:
        loaded: The settings.
        quick: Whether to leave the engines out, so that it takes no longer than the health checks of the application.
    """
    seconds = loaded.settings.health.timeout_seconds if quick else MACHINE_SECONDS
    checker = HealthChecker(_machine(loaded, quick=quick), timeout_seconds=seconds)
    await checker.check()
    examination = Examination()
    examination.add(checker)
    if not quick:
        await _examine_engines(loaded.settings, examination)
    return examination


async def _examine_engines(settings: Settings, examination: Examination) -> None:
    kept: list[Engine] = []
    try:
        stages = await _one_by_one([*_engines(settings, kept)])
        examination.add(stages)
        complete = not stages.report().named(Status.UNHEALTHY)
        resident = machine.resident_bytes() if complete else None
        examination.add(await _one_by_one([*_stand_ins(settings, kept), *_ears(settings, kept)]))
    finally:
        await asyncio.wait({asyncio.ensure_future(_close(kept))}, timeout=CLOSE_SECONDS)
    memory = Check("memory", "Memory", partial(in_thread, partial(_memory, resident)))
    last = HealthChecker([memory], timeout_seconds=MACHINE_SECONDS)
    await last.check()
    examination.add(last)


async def _one_by_one(checks: list[Check]) -> HealthChecker:
    checker = HealthChecker(checks, timeout_seconds=ENGINE_SECONDS)
    for check in checks:
        await checker.check(check.name)
    return checker


async def _close(kept: list[Engine]) -> None:
    await asyncio.gather(*(engine.close() for engine in kept), return_exceptions=True)


def _machine(loaded: Loaded, *, quick: bool) -> Iterator[Check]:
    settings = loaded.settings
    screen = has_screen(os.environ)
    check_python = partial(installation.check_python, MODULES)
    yield Check("installation", "Installation", partial(in_thread, check_python), essential=True)
    yield from machine_checks(
        settings,
        loaded.path,
        lambda: [str(problem) for problem in loaded.problems],
        thorough=not quick,
        offline_because=partial(unchosen, loaded, "network.offline"),
    )
    yield Check("audio-in", "Microphone", lambda: sound.check_microphone(app.build_microphone(settings)))
    yield Check("audio-out", "Speaker", lambda: sound.check_speaker(app.build_output(settings)))
    yield Check(
        "screen", "Screen", lambda: in_thread(partial(desktop.check_screen, screen, lambda: probes.probe_screen()))
    )
    check_hotkey = partial(desktop.check_hotkey, settings.talk.hotkey, lambda: _hotkey(settings))
    yield Check("hotkey", "Hotkey", partial(in_thread, check_hotkey))
    if quick:
        yield Check("memory", "Memory", partial(in_thread, partial(machine.check_free_memory, ENGINES_LIMIT)))


def _hotkey(settings: Settings) -> Hotkey:
    return hotkey_for(parse_combination(settings.talk.hotkey), os.environ)


def _engines(settings: Settings, kept: list[Engine]) -> Iterator[Check]:
    """What every conversation takes; what stands in for a stage counts, if not for full."""
    speech = sample()
    messages = engines.question(settings.llm.system_prompt)
    steps: tuple[tuple[str, str, Callable[[], Any], Callable[[Any], Awaitable[Trial]], str], ...] = (
        ("vad", "Speech detection", lambda: app.build_vad(settings), partial(engines.detect, speech=speech), ""),
        (
            "stt",
            "Speech to text",
            lambda: app.build_transcriber(settings),
            partial(engines.transcribe, speech=speech),
            settings.stt.engine,
        ),
        (
            "llm",
            "Language model",
            lambda: app.build_language_model(settings),
            partial(engines.answer, messages=messages),
            settings.llm.engine,
        ),
        (
            "tts",
            "Voice",
            lambda: app.build_synthesizer(app.uncached(settings)),
            partial(engines.speak, name=settings.tts.voice or None),
            settings.tts.engine,
        ),
    )
    for name, title, build, work, wanted in steps:
        look = partial(engines.load_and_try, build, work, kept.append, wanted=wanted)
        yield Check(name, title, look, essential=True)


def _stand_ins(settings: Settings, kept: list[Engine]) -> Iterator[Check]:
    """The engines that work when the first one of their stage cannot, each by itself."""
    speech = sample()
    messages = engines.question(settings.llm.system_prompt)
    for engine in _others(settings.stt.engine, settings.stt.fallback):
        stt = replace(settings, stt=replace(settings.stt, engine=engine, fallback=(), model="embedded"))
        work: Callable[[Any], Awaitable[Trial]] = partial(engines.transcribe, speech=speech)
        yield _stand_in("stt", "Speech to text", engine, partial(app.build_transcriber, stt), work, kept)
    for engine in _others(settings.llm.engine, settings.llm.fallback):
        llm = replace(settings, llm=replace(settings.llm, engine=engine, fallback=(), model="embedded"))
        work = partial(engines.answer, messages=messages)
        yield _stand_in("llm", "Language model", engine, partial(app.build_language_model, llm), work, kept)
    for engine in _others(settings.tts.engine, settings.tts.fallback):
        tts = replace(settings, tts=replace(settings.tts, engine=engine, fallback=(), voice=""))
        work = partial(engines.speak, name=None)
        yield _stand_in("tts", "Voice", engine, partial(app.build_synthesizer, app.uncached(tts)), work, kept)


def _stand_in(
    stage: str,
    title: str,
    engine: str,
    build: Callable[[], Any],
    work: Callable[[Any], Awaitable[Trial]],
    kept: list[Engine],
) -> Check:
    look = partial(engines.load_and_try, build, work, kept.append)
    return Check(f"{stage}:{engine}", f"{title} in reserve: {engine}", look)


def _others(first: str, fallback: tuple[str, ...]) -> list[str]:
    return [engine for engine in dict.fromkeys(fallback) if engine != first]


def _ears(settings: Settings, kept: list[Engine]) -> Iterator[Check]:
    """What leaving the microphone open takes, where the settings ask for that."""
    listening = settings.talk.listening
    if listening == ListeningMode.PUSH_TO_TALK:
        return
    speech = sample()
    parts = app.build_ears(settings)
    steps: list[tuple[str, str, Engine | None, Callable[[Any], Awaitable[Trial]]]] = [
        ("echo", "Echo cancellation", parts.canceller, lambda canceller: ears.cancel_echo(canceller, speech)),
        ("endpoint", "End of turn", parts.endpoint_model, lambda model: ears.judge(model, speech)),
    ]
    if listening == ListeningMode.WAKE_WORD:
        steps.append(("wake", "Wake word", parts.wake, lambda detector: ears.stay_asleep(detector, speech)))
    for name, title, engine, work in steps:
        if engine is not None:
            yield Check(name, title, partial(engines.load_and_try, partial(_itself, engine), work, kept.append))


def _itself(engine: Engine) -> Engine:
    return engine


def _memory(engines_bytes: int | None) -> Finding:
    return machine.check_memory(
        engines_bytes, probes.measure_window(), engines_limit=ENGINES_LIMIT, window_limit=WINDOW_LIMIT
    )
