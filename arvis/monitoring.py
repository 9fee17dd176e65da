"""Composes the health checks of a running session."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache, partial

from arvis.machine_checks import machine_checks, sample
from config.settings import Settings
from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.devices import AudioDevice, DeviceKind, find_device
from modules.audio.portaudio import portaudio
from modules.engine import Engine
from modules.health import engines, sound
from modules.health.base import Check, Finding, Status, in_thread
from modules.health.checker import HealthChecker
from modules.health.desktop import told_hotkey
from modules.health.engines import Trial
from modules.health.machine import MemoryWatch
from modules.health.report import HealthReport
from modules.health.session import SessionWatch
from modules.llm.base import Message
from modules.turn.events import Role
from modules.turn.parts import SessionParts
from utils import paths

Mark = Callable[[str, str, str, str], None]
"""Told how an engine does that was tried: the stage ("stt", "llm" or "tts"), the engine's name, "healthy", "degraded"
or "unhealthy", and why."""

_TITLES: dict[Role, str] = {"stt": "Speech to text", "llm": "Language model", "tts": "Voice"}
_CLIP = slice(round(0.5 * SPEECH_RATE), round(1.5 * SPEECH_RATE))
"""A second of the sample that is speech from one end to the other."""


def build_health(
    settings: Settings,
    parts: SessionParts,
    watch: SessionWatch,
    *,
    problems: Callable[[], Sequence[str]] = tuple,
    prompt: Callable[[], Sequence[Message]] | None = None,
    mark: Mark | None = None,
    hotkey: Callable[[], tuple[bool, str]] | None = None,
) -> HealthChecker:
    """The checks of a running session. They use its engines, between turns, and open no device.

    Args:
        settings: The settings.
        parts: The devices and engines of the session.
        watch: A listener of the session.
        problems: What is wrong in the settings now.
        prompt: What the model begins to answer; with the conversation so far at its beginning, the model still knows
            that afterwards. None for a question of our own.
        mark: Told how each engine does that was tried.
        hotkey: Whether the talk key works everywhere, and the key, or why it does not; None to leave that out.
    """
    trials = _Trials(settings, parts, watch)
    trials.prompt = prompt or trials.prompt
    trials.mark = mark or trials.mark
    memory = MemoryWatch(lambda: trials.are_loaded)
    checks = [
        *trials.checks(),
        *_devices(settings, watch),
        *machine_checks(settings, paths.config_file(), problems, thorough=False),
        Check("memory", "Memory", partial(in_thread, memory.check)),
    ]
    if parts.ears is not None:
        checks.append(Check("ears", "Open microphone", partial(_told, watch.ears)))
    if hotkey is not None:
        checks.append(Check("hotkey", "Hotkey", partial(_told, lambda: told_hotkey(*hotkey()))))
    checker = HealthChecker(
        checks,
        timeout_seconds=settings.health.timeout_seconds,
        is_idle=lambda: watch.is_idle,
        on_found=trials.on_found,
    )
    watch.attach(checker.give_way, partial(_look_again, checker, set()))
    return checker


def _devices(settings: Settings, watch: SessionWatch) -> list[Check]:
    """Whether microphone and speaker are there; neither is opened."""

    def microphone() -> Finding:
        find = partial(_find, "input", settings.audio.input_device)
        return sound.check_presence(find, sound.WITHOUT_MICROPHONE, is_silent=watch.is_microphone_silent)

    def speaker() -> Finding:
        find = partial(_find, "output", settings.audio.output_device)
        return sound.check_presence(find, sound.WITHOUT_SPEAKER)

    return [
        Check("audio-in", "Microphone", partial(in_thread, microphone), lane="sound", needs_idle=True),
        Check("audio-out", "Speaker", partial(in_thread, speaker), lane="sound", needs_idle=True),
    ]


def _look_again(checker: HealthChecker, tasks: set[asyncio.Task[HealthReport]], role: Role) -> None:
    """An engine has failed: let that be known at once."""
    name = role if role in _TITLES else "ears"
    if name in checker.report().entries:
        task = asyncio.create_task(checker.check(name))
        tasks.add(task)  # the loop itself does not keep it
        task.add_done_callback(tasks.discard)


class _Trials:
    """Tries the engines of a session, and says how each does."""

    def __init__(self, settings: Settings, parts: SessionParts, watch: SessionWatch) -> None:
        self._settings = settings
        self._parts = parts
        self._voice = parts.renderer.synthesizer
        self._watch = watch
        self.prompt: Callable[[], Sequence[Message]] = lambda: engines.question(settings.llm.system_prompt)
        self.mark: Mark = lambda stage, engine, status, reason: None

    @property
    def are_loaded(self) -> bool:
        """Whether every engine has loaded that the session has begun to load."""
        return bool(self._watch.engines) and all(state.stage == "ready" for state in self._watch.engines.values())

    def checks(self) -> list[Check]:
        """One for each stage; what is never read aloud needs no voice."""
        settings = self._settings
        return [
            self._check("stt", self._parts.transcriber, settings.stt.engine, self._understand),
            self._check("llm", self._parts.model, settings.llm.engine, self._answer),
            self._check("tts", self._voice, settings.tts.engine, self._speak, essential=settings.reply.read_aloud),
        ]

    def on_found(self, name: str, found: Finding) -> None:
        """Mark an engine that failed or hung when it was tried; the others were marked then."""
        if name in _TITLES and found.engine and found.status is Status.UNHEALTHY:
            self.mark(name, found.engine, found.status.lower(), found.reason)

    def _check(
        self, stage: Role, engine: Engine, wanted: str, work: Callable[[], Awaitable[Trial]], *, essential: bool = True
    ) -> Check:
        return Check(
            stage,
            _TITLES[stage],
            partial(self._try, stage, engine, wanted, work),
            essential=essential,
            lane="engines",
            needs_idle=True,
            engine=lambda: engine.name,
        )

    async def _try(self, stage: Role, engine: Engine, wanted: str, work: Callable[[], Awaitable[Trial]]) -> Finding:
        obstacle = self._watch.obstacle(stage)
        if obstacle is not None:
            return obstacle
        if not self._is_local(stage):
            reason = f"{engine.name} is on another machine, so it is asked only when you say something."
            return Finding(Status.HEALTHY, reason, engine=engine.name)
        trial = await work()
        status = Status.DEGRADED if trial.complaint else Status.HEALTHY
        self.mark(stage, engine.name, status.lower(), trial.complaint or trial.words)
        return engines.conclude(engine.name, trial, wanted)

    def _is_local(self, stage: Role) -> bool:
        local = {"llm": self._parts.model.capabilities.local, "tts": self._voice.capabilities.local}
        return local.get(stage, True)

    async def _understand(self) -> Trial:
        return await engines.transcribe_stream(self._parts.transcriber, _clip())

    async def _answer(self) -> Trial:
        return await engines.answer(self._parts.model, self.prompt())

    async def _speak(self) -> Trial:
        # Never quite as fast as before, so that no cache answers in place of the voice.
        speed = 1.0 + random.random() / 1000  # nosec B311  # nobody gains by guessing it
        return await engines.speak(self._voice, self._settings.tts.voice or None, speed=speed)


def _find(kind: DeviceKind, name: str) -> AudioDevice:
    """The device of that name, also where it was plugged in or out meanwhile."""
    portaudio().refresh()
    return find_device(kind, name)


async def _told(tell: Callable[[], Finding]) -> Finding:
    return tell()


@lru_cache(maxsize=1)
def _clip() -> AudioChunk:
    return AudioChunk(sample().samples[_CLIP], SPEECH_RATE)
