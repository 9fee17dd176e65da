"""`arvis bench barge-in`, `turn --hands-free`, `echo` and `wake`, over stand-ins for the engines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from arvis import app as composition
from arvis.cli import bench, bench_engines
from config.settings import Settings
from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.files import write_wav
from modules.bench.echo import DoubleTalk, EchoBench, EchoBenchEngines, FarEnd
from modules.bench.echo_scene import Utterance
from modules.bench.hands_free import Answered
from modules.bench.statistics import Spread
from modules.bench.wake import Hit, Near, WakeBench
from modules.stt.incremental import IncrementalTranscriber
from modules.tts.base import SynthesisError
from modules.tts.registry import SYNTHESIZERS
from modules.tts.speech import SpeechRenderer
from tests.fakes.engines import FakeEngine, FakeLanguageModel, FakeSynthesizer
from tests.unit.arvis.cli.conftest import Command
from tests.unit.modules.bench.stand_ins import ANSWER, HoarseSynthesizer, LoudnessVad, ToneTranscriber

SILENT = {"name": "silent", "rt60_s": 0.05, "delay_ms": 0, "echo_db": -50, "noise_db": -100}
BARGE_IN: dict[str, Any] = {
    "kind": "barge-in",
    "rooms": [SILENT],
    "near_db": [40],
    "answers": [ANSWER],
    "sounds": [
        {
            "name": "wait",
            "kind": "interruption",
            "say": "wait what about tomorrow if it rains then",
            "words": "wait what about tomorrow",
            "voice": "mouth",
        },
        {"name": "chair", "kind": "noise", "noise": "chair", "seed": 1},
    ],
    "quick": {"only": ["chair"]},
}
SOAK: dict[str, Any] = {"kind": "soak", "rooms": [SILENT], "minutes": 0.2, "answers": [ANSWER]}


def scene(folder: Path, data: dict[str, Any]) -> Path:
    path = folder / f"{data['kind']}.json"
    path.write_text(json.dumps(data))
    return path


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings with which engines were asked for."""
    asked: list[Settings] = []
    vad = LoudnessVad()

    def give(builder: str, make: Callable[[], Any]) -> None:
        def build(settings: Settings, *_: Any) -> Any:
            asked.append(settings)
            return make()

        monkeypatch.setattr(composition, builder, build)

    give("build_vad", lambda: vad)
    give("build_transcriber", ToneTranscriber)
    give("build_streaming_transcriber", lambda: IncrementalTranscriber(ToneTranscriber(), vad))
    give("build_language_model", lambda: FakeLanguageModel(first_token_seconds=0.0, token_seconds=0.0))
    give("build_synthesizer", HoarseSynthesizer)
    give("build_renderer", lambda: SpeechRenderer(FakeSynthesizer(seconds=0.0)))
    give("build_echo_canceller", lambda: None)
    give("build_endpoint_model", lambda: None)
    monkeypatch.setattr(SYNTHESIZERS, "create", lambda name: FakeSynthesizer(name, seconds=0.0))
    return asked


def test_barge_in_tells_each_trial_and_shows_tables(arvis: Command, built: list[Settings], tmp_path: Path) -> None:
    scenes = ("--scene", scene(tmp_path, BARGE_IN), "--scene", scene(tmp_path, SOAK))
    result = arvis("bench", "barge-in", *scenes)
    assert result.exit_code == 0, result.output
    told = result.stderr.splitlines()
    assert sorted(line.split(",")[2].split(": ")[1] for line in told[:2]) == ["chair", "wait"]
    assert told[2].startswith("silent: ")
    assert told[2].endswith(" minutes alone, 0 turns of its own")
    stops, times = (line.split() for line in result.stdout.splitlines() if "silent +40 dB" in line)
    assert stops == ["silent", "+40", "dB", "100.0", "100.0", "-", "-", "0.0"]
    softer, silent, decided = (float(times[column]) for column in (3, 5, 7))
    assert 0 < softer < silent < decided
    assert "Trials: 2\n" in result.stdout
    assert "1 checked, 0 lost something" in result.stdout
    assert "0 turns of its own, 0 answers ended" in result.stdout
    assert built[0].audio.echo_cancellation == "on"  # "auto" would look for a headset


def test_barge_in_as_json_and_quick(arvis: Command, built: list[Settings], tmp_path: Path) -> None:
    told = arvis.json("bench", "barge-in", "--quick", "--scene", scene(tmp_path, BARGE_IN))
    assert [trial["sound"] for trial in told["each"]] == ["chair"]
    assert told["all"]["recall"] is None
    assert told["soak"]["minutes"] == 0


def test_only_a_soak_has_no_trials(arvis: Command, built: list[Settings], tmp_path: Path) -> None:
    result = arvis("bench", "barge-in", "--scene", scene(tmp_path, SOAK))
    assert "Trials" not in result.stdout
    assert "Alone on an open speaker" in result.stdout


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """A folder with one voice of half a second."""
    folder = tmp_path / "spoken"
    folder.mkdir()
    voice = 0.3 * np.sin(2 * np.pi * 220 * np.arange(SPEECH_RATE // 2) / SPEECH_RATE)
    write_wav(folder / "voice.wav", AudioChunk(voice.astype(np.float32), SPEECH_RATE))
    return folder


def free(folder: Path, **changes: object) -> Path:
    data = {"kind": "hands-free", "recordings": "spoken/*.wav", "noise_db": -90, "lead_s": 0.2, "patience_s": 3}
    return scene(folder, {**data, **changes})


def test_hands_free_in_real_time(arvis: Command, built: list[Settings], spoken: Path, tmp_path: Path) -> None:
    result = arvis("bench", "turn", "--hands-free", "--endpoint", "none", "--scene", free(tmp_path), "--audio", spoken)
    assert result.exit_code == 0, result.output
    assert result.stderr.startswith("voice.wav: first audible sound after ")
    rows = {
        line.strip().rsplit(None, 5)[0]: line.split()[-5:-2] for line in result.stdout.splitlines()[3:] if line.strip()
    }
    assert rows["as recorded"] == rows["pauses under 0.5 s"] == rows["all"] == ["1", "0", "0"]
    assert "end of turn: none" in result.stdout
    assert "Replies begun early: 1; used 1, wasted 0 (hit rate 1.00" in result.stdout
    assert built[-1].endpoint.model == "none"


def test_hands_free_as_json(arvis: Command, built: list[Settings], spoken: Path, tmp_path: Path) -> None:
    told = arvis.json("bench", "turn", "--hands-free", "--scene", free(tmp_path, patience_s=1))
    assert told["all"]["utterances"] == 1
    assert told["each"][0]["file"] == "voice.wav"
    assert told["endpoint"] == Settings().endpoint.model


def test_each_recording_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    answered = Answered("a.wav", 0.5, 2.0, -120.4, (), 0, 0, 0, 0, 0.0)
    bench._show_answer(answered)
    bench._show_answer(replace(answered, pause=0.0, audible_ms=None, notice="Nothing was heard."))
    assert capsys.readouterr().err.splitlines() == [
        "a.wav with a pause of 0.5 s: cut off 120 ms before the end",
        "a.wav: no answer. Nothing was heard.",
    ]


def test_scenes_of_another_kind_are_told(arvis: Command, built: list[Settings], spoken: Path, tmp_path: Path) -> None:
    sentence = "No scene of this kind is among those that were given."
    assert arvis.fails("bench", "barge-in", "--scene", free(tmp_path)).startswith(sentence)
    assert arvis.fails("bench", "turn", "--hands-free", "--scene", scene(tmp_path, SOAK)).startswith(sentence)
    assert "There is no scene" in arvis.fails("bench", "barge-in", "--scene", tmp_path / "none.json")


def test_misuse(arvis: Command, tmp_path: Path) -> None:
    assert "smart-turn or none" in arvis.misused("bench", "turn", "--hands-free", "--endpoint", "clever")
    assert "together with --hands-free" in arvis.misused("bench", "turn", "--hands-free", "--runs", "2")
    assert "together with --hands-free only" in arvis.misused("bench", "turn", "--quick")


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The voices with which the detector was measured."""
    names: list[str] = []
    found = WakeBench("hey jarvis", (Hit("a", 0.1, 0.0), Hit("a", None, None)), 90.0, 1, (Near("hey you", 4, 1),), 0.02)

    async def measure(detector: FakeEngine, voices: list[FakeSynthesizer], speech: list[Path], **_: Any) -> WakeBench:
        names.extend(voice.name for voice in voices)
        assert speech
        return found

    def create(name: str) -> FakeSynthesizer:
        broken = [SynthesisError("gone", "It is not there.")] if name == "piper" else []
        return FakeSynthesizer(name, load_errors=list(broken))

    monkeypatch.setattr("modules.bench.wake.measure_wake", measure)
    monkeypatch.setattr(SYNTHESIZERS, "create", create)
    monkeypatch.setattr(composition, "build_wake_word", lambda _: FakeEngine())
    return names


def test_wake(arvis: Command, woken: list[str]) -> None:
    result = arvis("bench", "wake")
    assert result.exit_code == 0, result.output
    assert woken == ["hibari", "espeak-ng"]
    assert result.stderr == "arvis: Without the voice piper: It is not there.\n"
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["a", "1", "of", "2", "100", "100"] in lines
    assert ["hey", "you", "1", "of", "4"] in lines
    assert "False alarms: 1 in 1.5 minutes of speech\nWaiting takes 2.0 % of a core\n" in result.stdout
    assert arvis.json("bench", "wake")["false_accepts"] == 1


@pytest.fixture
def cancelled(monkeypatch: pytest.MonkeyPatch, built: list[Settings]) -> list[dict[str, Any]]:
    """With what the echo canceller was measured."""
    asked: list[dict[str, Any]] = []
    far = FarEnd("desk", 64.0, 40.06, 1.5, 2, 1, 19, 0.029)
    both = DoubleTalk("desk", -10.0, 0.976, Spread(1, 0.0, 32.0, 64.0, 64.0), 1, 6, 0.068, 1.284, 0.05)

    async def measure(_: EchoBenchEngines, far_end: list[AudioChunk], near: list[Utterance], **rest: Any) -> EchoBench:
        asked.append({"far": far_end, "near": near, **rest})
        rest["on_result"](far)
        rest["on_result"](both)
        return EchoBench((far,), (both,))

    monkeypatch.setattr("modules.bench.echo.measure_echo", measure)
    monkeypatch.setattr(composition, "build_echo_canceller", lambda _: FakeEngine())
    return asked


def test_echo(arvis: Command, cancelled: list[dict[str, Any]]) -> None:
    result = arvis("bench", "echo")
    assert result.exit_code == 0, result.output
    assert result.stderr == "desk: 40.1 dB removed\ndesk: user at -10 dB: 97.6 % of their speech is heard\n"
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["desk", "40.1", "1.5", "2.0", "19.0"] in lines
    assert ["desk", "-10", "dB", "97.6", "32", "64", "1", "of", "6", "6.8", "128.4"] in lines
    assert "Takes 2.9 % of a core while Arvis speaks\n" in result.stdout
    (asked,) = cancelled
    assert len(asked["rooms"]) == 6
    assert len(asked["far"]) > 10
    assert {chunk.sample_rate for chunk in asked["far"]} == {SPEECH_RATE}
    assert "go forward ten meters" in [utterance.words for utterance in asked["near"]]


def test_echo_quick_and_json(arvis: Command, cancelled: list[dict[str, Any]]) -> None:
    told = arvis.json("bench", "echo", "--quick")
    assert told["far_end"][0]["removed_db"] == 40.1
    assert (len(cancelled[0]["rooms"]), cancelled[0]["near_db"]) == (2, (0.0,))


def test_without_a_canceller_there_is_nothing_to_measure(arvis: Command, built: list[Settings]) -> None:
    assert arvis.fails("bench", "echo").startswith("Echo cancellation is switched off.")


async def test_engines_are_closed_when_one_cannot_be_loaded() -> None:
    good, bad = FakeEngine("good"), FakeEngine("bad", load_errors=[SynthesisError("gone", "Gone.")])
    with pytest.raises(SynthesisError):
        async with bench_engines.loaded(good, None, bad):
            raise AssertionError("it was entered")
    assert (good.loads, good.closed, bad.closed) == (1, True, True)


def test_the_scenes_of_arvis_are_the_default() -> None:
    with bench_engines.scene_files([]) as found:
        assert {path.name for path in found} >= {"interruptions.json", "soliloquy.json", "utterances.json"}
    with bench_engines.scene_files([Path("own.json")]) as found:
        assert found == [Path("own.json")]
