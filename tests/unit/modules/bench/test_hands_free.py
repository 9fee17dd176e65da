"""Recordings through an open microphone, over stand-ins for the engines, in virtual time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, AudioOutput, AudioSource
from modules.audio.files import write_wav
from modules.bench.hands_free import Answered, measure
from modules.bench.hands_free_report import HandsFreeReport
from modules.bench.nominal import NominalTranscriber
from modules.bench.scenes import HandsFreeScene
from modules.bench.virtual_time import run_virtual
from modules.stt.incremental import IncrementalTranscriber
from modules.tts.speech import SpeechRenderer
from modules.turn.latency import LatencyRecord
from modules.turn.parts import EarParts, SessionParts
from modules.turn.settings import SessionSettings
from tests.fakes.clock import loop_time
from tests.fakes.engines import FakeLanguageModel, FakeSynthesizer
from tests.unit.modules.bench.stand_ins import COSTS, LoudnessVad, ToneTranscriber


@pytest.fixture
def scene(tmp_path: Path) -> HandsFreeScene:
    """One voice of two seconds with a gap of 30 ms in the middle."""
    time = np.arange(2 * SPEECH_RATE) / SPEECH_RATE
    voice = 0.3 * np.sin(2 * np.pi * 220 * time)
    voice[round(0.985 * SPEECH_RATE) : round(1.015 * SPEECH_RATE)] *= 0.01
    write_wav(tmp_path / "voice.wav", AudioChunk(voice.astype(np.float32), SPEECH_RATE))
    return HandsFreeScene("test", 1, (tmp_path / "voice.wav",), (0.0, 1.5), -90.0, 1.0, 4.0)


def parts(source: AudioSource, output: AudioOutput) -> SessionParts:
    vad = LoudnessVad()
    streaming = IncrementalTranscriber(NominalTranscriber(ToneTranscriber(), COSTS), vad, clock=loop_time)
    return SessionParts(
        source, output, streaming, FakeLanguageModel(), SpeechRenderer(FakeSynthesizer()), EarParts(vad)
    )


def run(tested: HandsFreeScene, settings: SessionSettings) -> list[Answered]:
    seen: list[Answered] = []

    async def main() -> list[Answered]:
        return await measure(parts, settings, tested, LoudnessVad(), seen.append)

    answers = run_virtual(main)
    assert seen == answers
    return answers


def test_an_answer_is_heard_after_the_end_and_one_that_comes_too_soon_is_told(scene: HandsFreeScene) -> None:
    whole, paused = run(scene, SessionSettings(language="en", debounce_seconds=0.6))
    assert (whole.file, whole.pause, whole.cut_off) == ("voice.wav", 0.0, False)
    assert whole.seconds == pytest.approx(2.0, abs=0.05)
    assert whole.heard == ("wait what about tomorrow",)
    assert whole.audible_ms is not None
    assert 300 < whole.audible_ms < 1500
    assert whole.used == 1
    assert whole.latency is not None
    assert whole.latency.first_audible is not None
    assert whole.latency.first_audible == pytest.approx(whole.audible_ms, abs=100)  # live, the end is heard a bit late
    assert paused.cut_off  # a second and a half is more than this debounce
    assert paused.audible_ms is not None
    assert -2500 < paused.audible_ms < -1000  # after the debounce, and long before the rest


def test_silence_is_not_answered(scene: HandsFreeScene) -> None:
    deaf = replace(scene, pauses=(0.0,), patience=1.0)
    (answer,) = run(deaf, SessionSettings(language="en", debounce_seconds=1.2))
    assert answer.audible_ms is None or answer.audible_ms > 0


def test_the_report_counts() -> None:
    fine = Answered("a", 0.0, 2.0, 500.0, ("a",), 2, 1, 1, 7, 80.0)
    late = replace(fine, pause=0.4, audible_ms=700.0, wasted=0, latency=LatencyRecord(end_decided=450.0))
    early = replace(fine, pause=1.5, audible_ms=-200.0, latency=LatencyRecord(end_decided=9.0))
    none = replace(fine, pause=1.5, audible_ms=None, started=0, used=0, wasted=0, notice="Nothing.")
    report = HandsFreeReport("none", (fine, late, early, none)).as_dict()
    assert report["endpoint"] == "none"
    assert report["all"] == {
        "utterances": 4,
        "unanswered": 1,
        "cut_offs": 1,
        "audible_ms": {"min": 500.0, "p50": 600.0, "p95": 690.0, "max": 700.0},
    }
    stages = report["stages_ms"]
    assert isinstance(stages, dict)
    assert (stages["end_decided"]["p50"], stages["first_token"]["p50"]) == (450.0, None)
    short, by_pause = report["pauses_under_500_ms"], report["by_pause_s"]
    assert isinstance(short, dict)
    assert isinstance(by_pause, dict)
    assert (short["utterances"], short["cut_offs"]) == (2, 0)
    assert {pause: cell["cut_offs"] for pause, cell in by_pause.items()} == {"0": 0, "0.4": 0, "1.5": 1}
    assert report["speculation"] == {
        "started": 6,
        "used": 3,
        "wasted": 2,
        "hit_rate": 0.6,
        "wasted_tokens": 28,
        "wasted_ms": 320.0,
    }


def test_without_speculation_there_is_no_rate() -> None:
    report = HandsFreeReport("none", ()).as_dict()["speculation"]
    assert isinstance(report, dict)
    assert report["hit_rate"] is None
