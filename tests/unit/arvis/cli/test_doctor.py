"""`arvis doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from arvis import app as composition
from arvis.cli import examination, probes
from config.settings import Settings
from modules.audio.base import AudioError
from modules.health.desktop import ScreenProbe
from modules.hotkey.unavailable import UnavailableHotkey
from modules.llm.base import LanguageModelError
from modules.turn.parts import EarParts
from tests.fakes.engines import FakeEngine, FakeSynthesizer
from tests.unit.arvis.cli.conftest import Command, Stage
from utils.errors import ArvisError

NAMES = [
    "Python",
    "Settings",
    "Models",
    "Disk",
    "Microphone",
    "Speaker",
    "Screen",
    "Hotkey",
    "Speech detection",
    "Speech to text",
    "Language model",
    "Voice",
    "Voice in reserve: piper",
    "Voice in reserve: espeak-ng",
    "Memory",
]


@pytest.fixture(autouse=True)
def _desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    """No screen; and no process is started for the window."""
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(probes, "probe_screen", lambda: ScreenProbe("xcb", True))
    monkeypatch.setattr(probes, "measure_window", lambda: 100_000_000)
    monkeypatch.setattr(examination, "_models", lambda: {"Whisper base": Path.cwd})


@pytest.fixture(autouse=True)
def _voice(stage: Stage) -> None:
    stage.voice.name = "hibari"


def statuses(told: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {check["name"]: check["status"] for check in told["checks"]}


def test_a_machine_without_a_screen_is_only_degraded(arvis: Command, stage: Stage) -> None:
    told = arvis.json("doctor")
    assert [check["name"] for check in told["checks"]] == NAMES
    found = statuses(told)
    assert {name for name, status in found.items() if status != "HEALTHY"} <= {"Screen", "Hotkey", "Disk", "Memory"}
    assert (found["Screen"], found["Hotkey"], told["status"]) == ("DEGRADED", "DEGRADED", "DEGRADED")
    figures = {check["name"]: check["figures"] for check in told["checks"]}
    assert figures["Language model"]["floor_ms"] == 1.0
    assert figures["Memory"]["window_mb"] == 100
    assert figures["Memory"]["engines_mb"] > 0
    assert stage.model.closed
    assert stage.voice.closed
    assert not stage.microphone.is_open
    assert not stage.speaker.is_open


@pytest.mark.parametrize(
    ("listening", "names"),
    [
        ("push-to-talk", []),
        ("hands-free", ["Echo cancellation", "End of turn"]),
        ("wake-word", ["Echo cancellation", "End of turn", "Wake word"]),
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
    assert [(check["name"], check["status"], check["summary"]) for check in checks] == [
        (name, "DEGRADED", "It is not installed.") for name in names
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
    for name in NAMES:
        assert name in result.stdout
    assert "arvis ask" in result.stdout
    assert result.stdout.endswith("Arvis works, but see above.\n")


def test_a_screen_is_tried(arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setattr(examination, "_hotkey", lambda _: UnavailableHotkey("no-keyboard", "There is no keyboard."))
    told = arvis.json("doctor")
    by_name = {check["name"]: check for check in told["checks"]}
    assert by_name["Screen"]["status"] == "HEALTHY"
    assert by_name["Hotkey"]["summary"] == "There is no keyboard."


def test_no_sound_device_leaves_it_degraded(arvis: Command, stage: Stage) -> None:
    stage.microphone.open_error = stage.speaker.begin_error = AudioError("no-device", "There is none.")
    found = statuses(arvis.json("doctor"))
    assert (found["Microphone"], found["Speaker"]) == ("DEGRADED", "DEGRADED")


def test_a_broken_engine_is_a_failure(arvis: Command, stage: Stage) -> None:
    error = LanguageModelError("no-model", "There is no model 'x.gguf'.")
    stage.model.load_errors = [error]
    told = arvis.json("doctor", code=1)
    assert told["status"] == "UNHEALTHY"
    assert told["error"] == {"code": "unhealthy", "message": "Broken: Language model."}
    assert {name for name, status in statuses(told).items() if status == "UNHEALTHY"} == {"Language model"}
    stage.model.load_errors = [error]
    result = arvis("doctor")
    assert result.exit_code == 1
    assert "There is no model 'x.gguf'." in result.stdout


def test_a_reserve_that_does_not_work_is_no_failure(
    arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(settings: Settings) -> FakeSynthesizer:
        if settings.tts.engine == "piper":
            raise ArvisError("missing-dependency", "Piper is not installed.")
        return stage.voice

    monkeypatch.setattr(composition, "build_synthesizer", build)
    found = statuses(arvis.json("doctor"))
    assert (found["Voice"], found["Voice in reserve: piper"]) == ("HEALTHY", "DEGRADED")
    assert found["Voice in reserve: espeak-ng"] == "HEALTHY"


def test_wrong_settings_are_part_of_it(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").write_text("[talk]\nhotkey = 'f99'\n[llm]\nthreads = 0\n")
    told = arvis.json("doctor")
    by_name = {check["name"]: check for check in told["checks"]}
    assert by_name["Settings"]["status"] == "DEGRADED"
    assert "line 4: llm.threads is 0" in by_name["Settings"]["summary"]
    assert "f99" in by_name["Hotkey"]["summary"]


def test_a_check_that_hangs_does_not_hold_up_the_others(
    arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "ENGINE_SECONDS", 0.05)
    stage.transcriber.load_seconds = 3600
    found = statuses(arvis.json("doctor"))
    assert (found["Speech to text"], found["Voice"]) == ("UNKNOWN", "HEALTHY")
