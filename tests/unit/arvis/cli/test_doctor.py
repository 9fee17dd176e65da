"""`arvis doctor`."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from arvis import app as composition
from arvis import machine_checks
from arvis.cli import doctor, examination, probes
from config.settings import Settings
from modules.audio.base import AudioError
from modules.health import engines, sound
from modules.health.desktop import ScreenProbe
from modules.health.weights import Weights
from modules.hotkey.base import Hotkey, HotkeyError
from modules.hotkey.unavailable import UnavailableHotkey
from modules.llm.base import LanguageModelError
from modules.models.base import ModelError
from modules.turn.parts import EarParts
from tests.fakes.engines import FakeEngine, FakeSynthesizer
from tests.unit.arvis.cli.conftest import Command, Stage
from utils.errors import ArvisError

NAMES = [
    "installation",
    "settings",
    "models",
    "disk",
    "network",
    "audio-in",
    "audio-out",
    "screen",
    "hotkey",
    "vad",
    "stt",
    "llm",
    "tts",
    "stt:moonshine",
    "tts:piper",
    "tts:espeak-ng",
    "memory",
]
QUICK = [*NAMES[: NAMES.index("vad")], "memory"]


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No screen, plenty of memory, every model there; and no process is started for the window."""
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(probes, "probe_screen", lambda: ScreenProbe("xcb", True))
    monkeypatch.setattr(probes, "measure_window", lambda: 100_000_000)
    monkeypatch.setattr(machine_checks, "asked_weights", lambda _: [Weights("Whisper base", Path.cwd)])
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=8_000_000_000))
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=8_000_000_000))
    monkeypatch.setattr(sound, "LISTEN_SECONDS", 0.02)


@pytest.fixture(autouse=True)
def left(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes with which the process was ended, as it would be."""
    codes: list[int] = []
    monkeypatch.setattr(doctor, "leave", codes.append)
    return codes


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that runs the tests may be larger than Arvis ever is."""
    monkeypatch.setattr("modules.health.machine.resident_bytes", lambda: 300_000_000)


@pytest.fixture(autouse=True)
def _engines(stage: Stage) -> None:
    stage.transcriber.name, stage.model.name, stage.voice.name = "faster-whisper", "llama-cpp", "hibari"


def statuses(told: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {check["name"]: check["status"] for check in told["checks"]}


def test_a_machine_without_a_screen_is_only_degraded(arvis: Command, stage: Stage) -> None:
    told = arvis.json("doctor")
    assert [check["name"] for check in told["checks"]] == NAMES
    found = statuses(told)
    assert {name for name, status in found.items() if status != "HEALTHY"} == {"screen", "hotkey"}
    assert (found["screen"], found["hotkey"], told["status"]) == ("DEGRADED", "DEGRADED", "DEGRADED")
    figures = {check["name"]: check["figures"] for check in told["checks"]}
    assert figures["llm"]["floor_ms"] == 1.0
    assert figures["memory"]["window_mb"] == 100
    assert figures["memory"]["engines_mb"] > 0
    assert stage.model.closed
    assert stage.voice.closed
    assert not stage.microphone.is_open
    assert not stage.speaker.is_open


@pytest.mark.parametrize(
    ("listening", "names"),
    [
        ("push-to-talk", []),
        ("hands-free", ["echo", "endpoint"]),
        ("wake-word", ["echo", "endpoint", "wake"]),
    ],
)
def test_what_an_open_microphone_takes_is_checked_where_it_is_asked_for(
    arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch, listening: str, names: list[str]
) -> None:
    missing = ArvisError("missing-package", "It is not installed.")
    made = [FakeEngine(load_errors=[missing]) for _ in range(3)]
    canceller, endpoint_model, wake = cast("list[Any]", made)
    parts = EarParts(stage.vad, canceller, endpoint_model=endpoint_model, wake=wake)
    monkeypatch.setattr(composition, "build_ears", lambda settings: parts)
    monkeypatch.setenv("ARVIS_TALK_LISTENING", listening)
    told = arvis.json("doctor")
    checks = [check for check in told["checks"] if check["name"] not in NAMES]
    assert [(check["name"], check["status"], check["reason"]) for check in checks] == [
        (name, "UNHEALTHY", "It is not installed.") for name in names
    ]
    assert [engine.closed for engine in made] == [index < len(names) for index in range(3)]


def test_what_is_switched_off_is_not_checked(arvis: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("TALK_LISTENING", "hands-free"),
        ("AUDIO_ECHO_CANCELLATION", "off"),
        ("ENDPOINT_MODEL", "none"),
    ):
        monkeypatch.setenv(f"ARVIS_{name}", value)
    assert [check["name"] for check in arvis.json("doctor")["checks"]] == NAMES


def test_the_table_says_what_to_do(arvis: Command, stage: Stage) -> None:
    result = arvis("doctor")
    assert result.exit_code == 0
    for title in ("Microphone", "Language model", "Voice in reserve", "Memory"):
        assert title in result.stdout
    assert "arvis ask" in result.stdout
    assert result.stdout.endswith("Arvis works, but see above.\n")


def test_a_screen_is_tried(arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setattr(examination, "_hotkey", lambda _: UnavailableHotkey("no-keyboard", "There is no keyboard."))
    told = arvis.json("doctor")
    by_name = {check["name"]: check for check in told["checks"]}
    assert by_name["screen"]["status"] == "HEALTHY"
    assert by_name["hotkey"]["reason"] == "There is no keyboard."


def test_no_sound_device_leaves_it_degraded(arvis: Command, stage: Stage) -> None:
    stage.microphone.open_error = stage.speaker.begin_error = AudioError("no-device", "There is none.")
    found = statuses(arvis.json("doctor"))
    assert (found["audio-in"], found["audio-out"]) == ("UNHEALTHY", "UNHEALTHY")


def test_a_broken_engine_is_a_failure(arvis: Command, stage: Stage, left: list[int]) -> None:
    error = LanguageModelError("no-model", "There is no model 'x.gguf'.")
    stage.model.load_errors = [error]
    told = arvis.json("doctor", code=1)
    assert told["status"] == "UNHEALTHY"
    assert told["error"] == {"code": "unhealthy", "message": "Broken: Language model."}
    assert {name for name, status in statuses(told).items() if status == "UNHEALTHY"} == {"llm"}
    stage.model.load_errors = [error]
    result = arvis("doctor")
    assert result.exit_code == 1
    assert "There is no model 'x.gguf'." in result.stdout
    assert left == []  # nothing hangs, so the process ends as always


def test_a_reserve_that_does_not_work_is_no_failure(
    arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(settings: Settings) -> FakeSynthesizer:
        if settings.tts.engine == "piper":
            raise ArvisError("missing-dependency", "Piper is not installed.")
        return stage.voice

    monkeypatch.setattr(composition, "build_synthesizer", build)
    found = statuses(arvis.json("doctor"))
    assert (found["tts"], found["tts:piper"]) == ("HEALTHY", "UNHEALTHY")
    assert found["tts:espeak-ng"] == "HEALTHY"


def test_each_engine_in_reserve_is_tried_by_itself(
    arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARVIS_LLM_FALLBACK", "openai")
    assert statuses(arvis.json("doctor"))["llm:openai"] == "HEALTHY"
    alone = [settings for settings in stage.asked if settings.llm.engine == "openai"]
    assert [(settings.llm.fallback, settings.llm.model) for settings in alone] == [((), "embedded")]
    assert all(settings.tts.cache_mb == 0 for settings in stage.asked if settings.tts.engine == "piper")


def test_wrong_settings_are_part_of_it(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").write_text("[llm]\nthreads = 0\n")
    told = arvis.json("doctor")
    by_name = {check["name"]: check for check in told["checks"]}
    assert by_name["settings"]["status"] == "DEGRADED"
    assert "line 2: llm.threads is 0" in by_name["settings"]["reason"]


def test_offline_because_the_settings_are_broken_is_not_called_a_choice(
    arvis: Command, stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "home" / "config.toml").write_text("[llm\n")
    told = arvis.json("doctor", "--quick")
    network = next(check for check in told["checks"] if check["name"] == "network")
    assert network["status"] == "DEGRADED"
    assert "to be on the safe side" in network["reason"]
    assert "config.toml, line 1: the file is not valid TOML" in network["reason"]


def test_an_engine_that_hangs_does_not_hold_up_the_others(
    arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "ENGINE_SECONDS", 0.05)
    stage.transcriber.load_seconds = 3600
    told = arvis.json("doctor", code=1)
    found = statuses(told)
    assert (found["stt"], found["stt:moonshine"], found["tts"]) == ("UNHEALTHY", "UNHEALTHY", "HEALTHY")
    assert told["error"]["message"] == "Broken: Speech to text."
    reasons = {check["name"]: check["reason"] for check in told["checks"]}
    assert reasons["stt"].startswith("It did not answer within 0.")


@pytest.mark.parametrize(("broken", "code"), [(False, 0), (True, 1)])
def test_a_call_that_never_returns_does_not_keep_the_process(
    arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch, left: list[int], broken: bool, code: int
) -> None:
    if broken:
        monkeypatch.setattr(examination, "ENGINE_SECONDS", 0.05)
        stage.transcriber.load_seconds = 3600.0
    else:
        monkeypatch.setattr(examination, "MACHINE_SECONDS", 0.05)
        stage.speaker.begin_seconds = 3600.0
    assert arvis("doctor").exit_code == code
    assert left == [code]


def test_a_quick_look_loads_no_engine(arvis: Command, stage: Stage) -> None:
    told = arvis.json("doctor", "--quick")
    assert [check["name"] for check in told["checks"]] == QUICK
    assert (stage.transcriber.loads, stage.model.loads, stage.voice.loads, stage.vad.loads) == (0, 0, 0, 0)
    assert stage.microphone.opened == 1
    figures = {check["name"]: check["figures"] for check in told["checks"]}
    assert figures["memory"] == {"free_mb": 8000, "needed_mb": 700}


def test_what_will_be_opened_is_said_before(arvis: Command, stage: Stage) -> None:
    for arguments in ([], ["--quick"]):
        assert "the microphone is opened for a moment" in arvis("doctor", *arguments).stderr


def damage(name: str) -> Callable[[], object]:
    def find() -> object:
        raise ModelError("damaged", f"{name} is damaged.")

    return find


def free(megabytes: int) -> Callable[[object], SimpleNamespace]:
    return lambda *_: SimpleNamespace(free=megabytes * 1_000_000, available=megabytes * 1_000_000)


def unreadable(*_: object) -> None:
    raise OSError(5, "Input/output error")


STATES: list[tuple[str, str, Callable[[Stage, pytest.MonkeyPatch], object]]] = [
    ("installation", "HEALTHY", lambda stage, patch: None),
    ("installation", "UNHEALTHY", lambda stage, patch: patch.setattr(examination, "MODULES", ("no_such_package",))),
    ("settings", "DEGRADED", lambda stage, patch: patch.setenv("ARVIS_LLM_THREADS", "0")),
    ("models", "HEALTHY", lambda stage, patch: None),
    ("models", "DEGRADED", lambda stage, patch: weigh(patch, Weights("A", damage("A"), essential=False))),
    ("models", "UNHEALTHY", lambda stage, patch: weigh(patch, Weights("A", damage("A")))),
    ("models", "UNKNOWN", lambda stage, patch: weigh(patch, Weights("A", unreadable))),
    ("disk", "DEGRADED", lambda stage, patch: patch.setattr("shutil.disk_usage", free(900))),
    ("disk", "UNHEALTHY", lambda stage, patch: patch.setattr("shutil.disk_usage", free(10))),
    ("disk", "UNKNOWN", lambda stage, patch: patch.setattr("shutil.disk_usage", unreadable)),
    ("network", "HEALTHY", lambda stage, patch: serve(patch, offline="true")),
    ("network", "UNKNOWN", lambda stage, patch: serve(patch, proxy="http://proxy:1")),
    ("network", "UNHEALTHY", lambda stage, patch: serve(patch)),
    ("audio-in", "DEGRADED", lambda stage, patch: setattr(stage.microphone, "level", 0.0)),
    ("audio-in", "UNHEALTHY", lambda stage, patch: setattr(stage.microphone, "open_error", AudioError("x", "Gone."))),
    ("audio-out", "HEALTHY", lambda stage, patch: None),
    ("audio-out", "UNHEALTHY", lambda stage, patch: setattr(stage.speaker, "begin_error", AudioError("x", "Gone."))),
    ("screen", "DEGRADED", lambda stage, patch: None),
    ("screen", "HEALTHY", lambda stage, patch: show(patch, ScreenProbe("xcb", True))),
    ("screen", "UNHEALTHY", lambda stage, patch: show(patch, ScreenProbe("", error="no plugin."))),
    ("hotkey", "DEGRADED", lambda stage, patch: None),
    ("hotkey", "UNHEALTHY", lambda stage, patch: patch.setattr(examination, "_hotkey", no_such_key)),
    ("stt", "DEGRADED", lambda stage, patch: setattr(stage.transcriber, "name", "moonshine")),
    ("stt", "UNHEALTHY", lambda stage, patch: setattr(stage.transcriber, "text", "")),
    ("llm", "DEGRADED", lambda stage, patch: patch.setattr(engines, "SLOW_FIRST_TOKEN", -1.0)),
    ("llm", "UNHEALTHY", lambda stage, patch: setattr(stage.model, "reply", ())),
    ("tts", "DEGRADED", lambda stage, patch: patch.setattr(engines, "SLOW_RTF", -1.0)),
    ("tts", "UNHEALTHY", lambda stage, patch: setattr(stage.voice, "silent", True)),
    ("vad", "UNHEALTHY", lambda stage, patch: setattr(stage.vad, "load_errors", [ArvisError("x", "Gone.")])),
    ("memory", "HEALTHY", lambda stage, patch: None),
    ("memory", "DEGRADED", lambda stage, patch: patch.setattr("psutil.virtual_memory", lambda: free(200)(None))),
    ("memory", "UNHEALTHY", lambda stage, patch: patch.setattr("psutil.virtual_memory", lambda: free(20)(None))),
    ("memory", "UNKNOWN", lambda stage, patch: patch.setattr(probes, "measure_window", lambda: None)),
]


def weigh(patch: pytest.MonkeyPatch, weights: Weights) -> None:
    patch.setattr(machine_checks, "asked_weights", lambda _: [weights])


def serve(patch: pytest.MonkeyPatch, offline: str = "false", proxy: str = "") -> None:
    """Have the settings name a server elsewhere, whose name nobody knows (RFC 6761, 6.4)."""
    patch.setenv("ARVIS_LLM_ENGINE", "openai")
    patch.setenv("ARVIS_LLM_BASE_URL", "https://models.invalid/v1")
    patch.setenv("ARVIS_NETWORK_OFFLINE", offline)
    patch.setattr("modules.network.policy.POLICY.offline", offline == "true")
    for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        patch.delenv(name, raising=False)
        patch.delenv(name.lower(), raising=False)
    patch.setenv("HTTPS_PROXY", proxy)


def show(patch: pytest.MonkeyPatch, screen: ScreenProbe) -> None:
    patch.setenv("DISPLAY", ":99")
    patch.setattr(probes, "probe_screen", lambda: screen)
    patch.setattr(examination, "_hotkey", lambda _: UnavailableHotkey("no-keyboard", "There is no keyboard."))


def no_such_key(_: Settings) -> Hotkey:
    raise HotkeyError("unknown-key", "There is no such key.")


@pytest.mark.parametrize(("name", "status", "make"), STATES, ids=[f"{name}-{status}" for name, status, _ in STATES])
def test_every_state_can_be_produced_and_is_shown(
    arvis: Command,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    status: str,
    make: Callable[[Stage, pytest.MonkeyPatch], object],
) -> None:
    make(stage, monkeypatch)
    result = arvis("doctor", "--json")
    check = next(check for check in json.loads(result.stdout)["checks"] if check["name"] == name)
    assert check["status"] == status, check
    assert bool(check["reason"])
    essential = {"installation", "models", "disk", "vad", "stt", "llm", "tts"}
    assert result.exit_code == (1 if status == "UNHEALTHY" and name in essential else 0)


@pytest.mark.parametrize("name", ["network", "audio-in", "audio-out", "hotkey", "disk"])
def test_a_check_of_the_machine_that_hangs_is_shown(
    arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    release = threading.Event()
    monkeypatch.setenv("ARVIS_HEALTH_TIMEOUT_SECONDS", "0.5")
    monkeypatch.setattr(machine_checks, "check_network", hang)
    if name == "audio-in":
        stage.microphone.open_seconds = 3600.0
    elif name == "audio-out":
        stage.speaker.begin_seconds = 3600.0
    elif name == "hotkey":
        monkeypatch.setattr(examination, "_hotkey", lambda _: release.wait(30))
    elif name == "disk":
        monkeypatch.setattr("shutil.disk_usage", lambda _: release.wait(30))
    result = arvis("doctor", "--quick", "--json")
    release.set()
    check = next(check for check in json.loads(result.stdout)["checks"] if check["name"] == name)
    assert (check["status"], check["reason"]) == ("UNHEALTHY", "It did not answer within 0.5 seconds.")


async def hang(*_: object, **__: object) -> None:
    await asyncio.sleep(3600)
