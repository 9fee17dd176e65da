"""A command line with a home of its own, and engines and devices that do what a test tells them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from arvis import app as composition
from arvis.cli.main import app
from config.settings import Settings
from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.files import write_wav
from modules.tts.speech import SpeechRenderer
from modules.vad.base import SpeechSpan, VadStream
from tests.fakes.audio import FakeOutput, FakeSource
from tests.fakes.engines import FakeEngine, FakeLanguageModel, FakeSynthesizer, FakeTranscriber
from utils import logging as logs


class Command:
    """Runs the `arvis` command in this process."""

    def __call__(self, *arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="arvis")

    def json(self, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
        """Run with --json, and read the one object that must be all of standard output."""
        result = self(*arguments, "--json")
        assert result.exit_code == code, result.output
        document = json.loads(result.stdout)
        assert isinstance(document, dict)
        return document

    def fails(self, *arguments: str | Path, code: int = 1) -> str:
        """Run what must fail, and return the one sentence on standard error."""
        result = self(*arguments)
        assert result.exit_code == code, result.output
        (line,) = result.stderr.splitlines()
        assert line.startswith("arvis: ")
        return line.removeprefix("arvis: ")

    def misused(self, *arguments: str | Path) -> str:
        """Run what is a usage error, and return standard error without its frame and line breaks."""
        result = self(*arguments)
        assert (result.exit_code, result.stdout) == (2, ""), result.output
        return " ".join(result.stderr.replace("│", " ").split())


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Every thread ends; those that were told to when the command returned may take a moment."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=10)
        assert not thread.is_alive(), f"{thread.name} is still running"


@pytest.fixture
def arvis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    for name in list(os.environ):
        if name.startswith("ARVIS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    yield Command()
    logs.tear_down()


@dataclass
class FakeVad(FakeEngine):
    """Takes everything that is not digital silence for speech."""

    def open(self) -> VadStream:
        raise NotImplementedError

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        return [SpeechSpan(0.0, audio.seconds)] if np.any(audio.samples) else []


@dataclass
class Stage:
    """The engines and devices that the command gets, and the settings with which it asked for them."""

    vad: FakeVad = field(default_factory=lambda: FakeVad("ears"))
    transcriber: FakeTranscriber = field(default_factory=lambda: FakeTranscriber("scribe", seconds=0.0))
    model: FakeLanguageModel = field(
        default_factory=lambda: FakeLanguageModel(
            "mind", reply=("It is", " Paris", "."), first_token_seconds=0.0, token_seconds=0.0
        )
    )
    voice: FakeSynthesizer = field(default_factory=lambda: FakeSynthesizer("mouth", seconds=0.0))
    microphone: FakeSource = field(default_factory=FakeSource)
    speaker: FakeOutput = field(default_factory=FakeOutput)
    asked: list[Settings] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """Those of the last engine that was built."""
        return self.asked[-1]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage()

    def give(builder: str, what: Any) -> None:
        def build(settings: Settings, *_: Any) -> Any:
            made.asked.append(settings)
            return what() if callable(what) else what

        monkeypatch.setattr(composition, builder, build)

    give("build_vad", made.vad)
    give("build_transcriber", made.transcriber)
    give("build_streaming_transcriber", made.transcriber)
    give("build_language_model", made.model)
    give("build_synthesizer", made.voice)
    give("build_renderer", lambda: SpeechRenderer(made.voice))
    give("build_microphone", made.microphone)
    give("build_output", made.speaker)
    return made


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """A recording in which somebody speaks, as far as the fakes can tell."""
    return recording(tmp_path / "speech.wav", 0.3)


def recording(path: Path, level: float, seconds: float = 0.2) -> Path:
    """A WAV file with a constant level."""
    write_wav(path, AudioChunk(np.full(int(seconds * SPEECH_RATE), level, np.float32), SPEECH_RATE))
    return path
