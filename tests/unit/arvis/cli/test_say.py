"""`arvis say`."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.audio.base import AudioError
from modules.audio.files import read_audio
from modules.tts.base import SynthesisError
from tests.unit.arvis.cli.conftest import Command, Stage


def test_a_text_is_spoken_clause_by_clause(arvis: Command, stage: Stage) -> None:
    result = arvis("say", "Good morning. It is late.")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert stage.voice.spoken == ["Good morning.", "It is late."]
    assert sum(chunk.seconds for chunk in stage.speaker.played) > 0.4
    assert not stage.speaker.is_open
    assert stage.voice.closed


def test_a_text_is_saved(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    result = arvis("say", "Good morning.", "-o", tmp_path / "morning.wav")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Saved: {tmp_path / 'morning.wav'} (0.")
    assert read_audio(tmp_path / "morning.wav").seconds > 0.15
    assert stage.speaker.begun == 0


def test_the_engine_that_is_named_has_no_stand_in(
    arvis: Command, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARVIS_TTS_VOICE", "amy")
    arvis("say", "Hello.", "-o", tmp_path / "a.wav", "--engine", "piper", "--voice", "joe")
    tts = stage.settings.tts
    assert (tts.engine, tts.fallback, tts.voice) == ("piper", (), "joe")
    arvis("say", "Hello.", "-o", tmp_path / "a.wav", "--engine", "piper")
    assert stage.settings.tts.voice == ""
    arvis("say", "Hello.", "-o", tmp_path / "a.wav")
    assert (stage.settings.tts.voice, stage.settings.tts.fallback) == ("amy", ("piper", "espeak-ng"))


def test_without_a_speaker_it_is_one_sentence(arvis: Command, stage: Stage) -> None:
    stage.speaker.begin_error = AudioError("no-device", "There is no speaker.")
    assert arvis.fails("say", "Hello.") == "There is no speaker."
    assert stage.voice.closed


@pytest.mark.parametrize("broken", ["load", "speak"])
def test_a_voice_that_fails_is_one_sentence(arvis: Command, stage: Stage, tmp_path: Path, broken: str) -> None:
    error = SynthesisError("no-voice", "There is no voice 'x'.")
    if broken == "load":
        stage.voice.load_errors = [error]
    else:
        stage.voice.errors = [error]
    assert arvis.fails("say", "Hello.", "-o", tmp_path / "a.wav") == "There is no voice 'x'."
    assert not (tmp_path / "a.wav").exists()


@pytest.mark.parametrize("text", ["", "...", "—"])
def test_there_must_be_something_to_say(arvis: Command, stage: Stage, tmp_path: Path, text: str) -> None:
    assert arvis.fails("say", text, "-o", tmp_path / "a.wav").startswith("There is nothing to say in this text")
    assert not (tmp_path / "a.wav").exists()


def test_letters_that_the_voice_does_not_know(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    stage.voice.silent = True
    told = arvis.fails("say", "こんにちは", "-o", tmp_path / "a.wav")
    assert told.startswith("The voice engine 'mouth' makes no sound of this text")
    assert "espeak-ng" in told
    assert not (tmp_path / "a.wav").exists()


def test_only_wav_files_are_written(arvis: Command, stage: Stage) -> None:
    assert "'a.mp3' must end in .wav" in arvis.misused("say", "Hello.", "-o", "a.mp3")
    assert stage.asked == []
