"""The checks of a running session, over engines and devices that do what a test tells them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from arvis import monitoring
from config.settings import Settings
from modules.audio.base import AudioError
from modules.audio.devices import AudioDevice, DeviceKind
from modules.engine import LoadProgress
from modules.health.base import Status
from modules.health.checker import HealthChecker
from modules.health.report import HealthReport, Transition
from modules.health.session import SILENT_LEVELS, SessionWatch
from modules.llm.base import LanguageModelCapabilities, LanguageModelError, Message
from modules.stt.base import TranscriptionError
from modules.tts.base import SynthesizerCapabilities
from modules.tts.speech import SpeechRenderer
from modules.turn.events import EngineFailed, EngineLoading, EngineReady, InputLevel, PhaseChanged
from modules.turn.parts import EarParts, SessionParts
from modules.turn.state import Phase
from tests.fakes.audio import FakeOutput, FakeSource
from tests.fakes.engines import FakeLanguageModel, FakeSynthesizer, FakeTranscriber, FakeVad

H, D, U, X = Status.HEALTHY, Status.DEGRADED, Status.UNHEALTHY, Status.UNKNOWN
APP = [
    "stt",
    "llm",
    "tts",
    "audio-in",
    "audio-out",
    "settings",
    "models",
    "disk",
    "network",
    "memory",
    "ears",
    "hotkey",
]
Marks = list[tuple[str, str, str, str]]


@dataclass
class Running:
    """A session with fakes, its watch and its health."""

    settings: Settings = field(default_factory=lambda: Settings.of({"stt.engine": "moonshine", "stt.fallback": ()}))
    transcriber: FakeTranscriber = field(default_factory=lambda: FakeTranscriber("moonshine", seconds=0.0))
    model: FakeLanguageModel = field(default_factory=lambda: FakeLanguageModel("llama-cpp"))
    voice: FakeSynthesizer = field(default_factory=lambda: FakeSynthesizer("hibari", seconds=0.0))
    watch: SessionWatch = field(default_factory=SessionWatch)
    source: FakeSource = field(default_factory=FakeSource)
    output: FakeOutput = field(default_factory=FakeOutput)
    problems: list[str] = field(default_factory=list)
    everywhere: bool = True
    prompt: Callable[[], Sequence[Message]] | None = None
    marks: Marks = field(default_factory=list)
    changes: list[Transition] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.model.first_token_seconds = self.model.token_seconds = 0.0

    def build(self) -> HealthChecker:
        parts = SessionParts(
            self.source,
            self.output,
            self.transcriber,
            self.model,
            SpeechRenderer(self.voice),
            EarParts(FakeVad("silero")),
        )
        checker = monitoring.build_health(
            self.settings,
            parts,
            self.watch,
            problems=lambda: self.problems,
            prompt=self.prompt,
            mark=lambda *told: self.marks.append(told),
            hotkey=lambda: (self.everywhere, "f9" if self.everywhere else "Wayland does not let us."),
        )
        checker.subscribe(self.changes.append)
        return checker

    def loaded(self) -> HealthChecker:
        checker = self.build()
        for role, engine in (("stt", self.transcriber), ("llm", self.model), ("tts", self.voice)):
            self.watch(EngineReady(role, engine.name, 0.1, 0.01))  # type: ignore[arg-type]  # it is a role
        return checker

    async def check(self, *names: str) -> HealthReport:
        return await self.loaded().check(*names)


class Devices:
    """The sound devices of the machine."""

    def __init__(self) -> None:
        self.there: set[DeviceKind] = {"input", "output"}
        self.refreshed = 0

    def refresh(self) -> None:
        self.refreshed += 1

    def find(self, kind: DeviceKind, name: str) -> AudioDevice:
        if kind not in self.there:
            raise AudioError("no-device", f"There is no device for {kind}.", retryable=True)
        return AudioDevice(0, name or f"The {kind}", kind, 1, 48_000, True, "ALSA")


@pytest.fixture(autouse=True)
def devices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Devices]:
    made = Devices()
    monkeypatch.setattr(monitoring, "portaudio", lambda: made)
    monkeypatch.setattr(monitoring, "find_device", made.find)
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    yield made
    for thread in threading.enumerate():  # one that has delivered may take a moment to end
        if thread.name == "health":
            thread.join(10)


async def test_a_session_that_works() -> None:
    running = Running()
    report = await running.check()
    assert list(report.entries) == APP
    unusual = {name: entry.finding.reason for name, entry in report.entries.items() if entry.finding.status is not H}
    assert set(unusual) <= {"disk", "memory"}, unusual  # those are of the machine at hand
    assert report.ready
    assert [mark[:3] for mark in running.marks] == [
        ("stt", "moonshine", "healthy"),
        ("llm", "llama-cpp", "healthy"),
        ("tts", "hibari", "healthy"),
    ]


async def test_no_device_is_opened_and_no_word_of_the_answer_is_told(devices: Devices) -> None:
    running = Running()
    report = await running.check()
    assert (running.source.opened, running.output.begun, devices.refreshed) == (0, 0, 2)
    assert "Paris" not in str(report.document())
    assert "Paris" not in str(running.marks)


async def test_the_transcriber_gets_one_second_of_speech() -> None:
    running = Running()
    await running.check("stt")
    (stream,) = running.transcriber.streams
    assert stream.sound.seconds == 1.0
    assert float(abs(stream.sound.samples).max()) > 0.05


async def test_the_model_answers_the_prompt_of_the_conversation() -> None:
    messages = [Message("system", "Be brief."), Message("user", "Hello.")]
    running = Running(prompt=lambda: messages)
    await running.check("llm")
    assert running.model.prompts == [messages]
    other = Running()
    await other.check("llm")
    assert other.model.prompts[0][0].content == other.settings.llm.system_prompt


@pytest.mark.parametrize(
    ("stage", "break_it"),
    [
        ("stt", lambda running: running.transcriber.errors.append(TranscriptionError("x", "It failed."))),
        ("llm", lambda running: running.model.errors.update({0: LanguageModelError("x", "It failed.")})),
        ("tts", lambda running: running.voice.errors.append(TranscriptionError("x", "It failed."))),
    ],
)
async def test_an_engine_that_fails_is_marked_and_told(stage: str, break_it: Callable[[Running], None]) -> None:
    running = Running()
    break_it(running)
    report = await running.check()
    assert (report.named(U), report.overall, report.ready) == ((stage,), U, False)
    (change,) = [change for change in running.changes if change.is_failure and change.name == stage]
    assert (change.new, change.reason, bool(change.engine)) == (U, "It failed.", True)
    assert (stage, change.engine, "unhealthy", "It failed.") in running.marks


@pytest.mark.parametrize(
    ("stage", "break_it"),
    [
        ("stt", lambda running: setattr(running.transcriber, "seconds", 3600.0)),
        ("llm", lambda running: setattr(running.model, "hang_at", 0)),
        ("tts", lambda running: setattr(running.voice, "seconds", 3600.0)),
    ],
)
async def test_an_engine_that_hangs_is_marked_and_told(stage: str, break_it: Callable[[Running], None]) -> None:
    running = Running()
    running.settings = replace(running.settings, health=replace(running.settings.health, timeout_seconds=0.5))
    break_it(running)
    report = await running.check("stt", "llm", "tts")
    assert report.named(U) == (stage,)
    assert report.entries[stage].finding.reason == "It did not answer within 0.5 seconds."
    assert [mark[0] for mark in running.marks if mark[2] == "unhealthy"] == [stage]


async def test_an_engine_that_is_slow_is_marked_before_a_turn_finds_out(monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running()
    monkeypatch.setattr("modules.health.engines.SLOW_RTF", -1.0)
    report = await running.check("stt", "tts")
    assert report.named(D) == ("stt", "tts")
    assert [mark[:3] for mark in running.marks] == [("stt", "moonshine", "degraded"), ("tts", "hibari", "degraded")]


async def test_an_engine_that_stands_in_works_and_is_not_what_was_wanted() -> None:
    running = Running(voice=FakeSynthesizer("piper", seconds=0.0))
    report = await running.check("tts")
    assert report.entries["tts"].finding.status is D
    assert report.entries["tts"].finding.reason.startswith("hibari does not work; in its place piper speaks")
    assert running.marks[0][:3] == ("tts", "piper", "healthy")


@pytest.mark.parametrize("stage", ["llm", "tts"])
async def test_what_is_elsewhere_is_not_asked_behind_the_users_back(stage: str) -> None:
    running = Running()
    running.model.capabilities = LanguageModelCapabilities(2048, local=stage != "llm")
    running.voice.capabilities = SynthesizerCapabilities(24_000, ("v",), frozenset({"en"}), local=stage != "tts")
    report = await running.check("llm", "tts")
    assert report.entries[stage].finding.status is H
    assert "another machine" in report.entries[stage].finding.reason
    assert (len(running.model.prompts), len(running.voice.spoken)) == ((0, 1) if stage == "llm" else (1, 0))
    assert stage not in [mark[0] for mark in running.marks]


async def test_engines_that_load_are_not_tried() -> None:
    running = Running()
    checker = running.build()
    running.watch(EngineLoading("stt", LoadProgress("moonshine", "Loading")))
    report = await checker.check("stt", "llm", "tts")
    assert report.statuses() | {"stt": "UNKNOWN", "llm": "UNKNOWN", "tts": "UNKNOWN"} == report.statuses()
    assert (running.model.prompts, running.voice.spoken, running.transcriber.streams) == ([], [], [])


async def test_an_engine_that_did_not_load_is_known_at_once() -> None:
    running = Running()
    checker = running.build()
    running.watch(EngineFailed("llm", "llama-cpp", "no-model", "There is no model."))
    running.watch(EngineFailed("vad", "silero", "no-model", "There is no detector."))
    await asyncio.sleep(0.01)
    assert {change.name: change.reason for change in running.changes if change.new is U} == {
        "llm": "There is no model.",
        "ears": "Speech detection: There is no detector.",
    }
    assert checker.report().named(U) == ("llm", "ears")


async def test_what_is_never_read_aloud_needs_no_voice() -> None:
    running = Running()
    running.settings = replace(running.settings, reply=replace(running.settings.reply, read_aloud=False))
    checker = running.build()
    for role, name in (("stt", "moonshine"), ("llm", "llama-cpp")):
        running.watch(EngineReady(role, name, 0.1, 0.01))  # type: ignore[arg-type]  # it is a role
    report = await checker.check()
    assert report.entries["tts"].finding.status is X
    assert report.ready


async def test_a_turn_is_not_disturbed() -> None:
    running = Running()
    checker = running.loaded()
    running.watch(PhaseChanged(1, 0, Phase.LISTENING))
    report = await checker.check()
    assert (running.model.prompts, running.voice.spoken, running.transcriber.streams) == ([], [], [])
    assert report.entries["llm"].finding.reason == "A turn is under way."
    assert report.entries["settings"].finding.status is H


async def test_a_turn_that_begins_stops_what_is_being_tried() -> None:
    running = Running()
    running.model.first_token_seconds = 3600.0
    checker = running.loaded()
    checking = asyncio.create_task(checker.check("llm"))
    await asyncio.sleep(0.01)
    assert running.model.prompts
    running.watch(PhaseChanged(1, 0, Phase.LISTENING))
    report = await checking
    assert (running.model.closed_streams, report.entries["llm"].finding.status) == (1, X)


@pytest.mark.parametrize(("kind", "name"), [("input", "audio-in"), ("output", "audio-out")])
async def test_a_device_that_is_unplugged(devices: Devices, kind: DeviceKind, name: str) -> None:
    devices.there.remove(kind)
    report = await Running().check()
    assert (report.named(U), report.overall, report.ready) == ((name,), D, True)


async def test_a_microphone_that_is_muted_by_the_system() -> None:
    running = Running()
    checker = running.loaded()
    for _ in range(SILENT_LEVELS):
        running.watch(InputLevel(0.0))
    assert (await checker.check("audio-in")).entries["audio-in"].finding.status is D


async def test_settings_and_key_as_they_are_now() -> None:
    running = Running()
    checker = running.loaded()
    assert (await checker.check("settings", "hotkey")).entries["hotkey"].finding.status is H
    running.problems, running.everywhere = ["llm.threads is 99."], False
    report = await checker.check("settings", "hotkey")
    assert (report.entries["settings"].finding.reason, report.entries["hotkey"].finding.reason) == (
        "llm.threads is 99.",
        "Wayland does not let us.",
    )
    assert report.named(D) == ("settings", "hotkey")
