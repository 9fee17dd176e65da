"""`arvis transcribe`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from modules.stt.base import TranscriptionError
from tests.unit.arvis.cli.conftest import Command, Stage, recording


def test_one_recording_is_its_words(arvis: Command, stage: Stage, speech: Path) -> None:
    result = arvis("transcribe", speech)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "what is the capital of france\n", "")
    assert stage.transcriber.closed
    assert stage.vad.closed


def test_several_recordings_are_named(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    first, second = recording(tmp_path / "a.wav", 0.1), recording(tmp_path / "b.wav", 0.1)
    result = arvis("transcribe", first, second)
    assert result.stdout.splitlines() == [f"{path}: what is the capital of france" for path in (first, second)]


def test_json(arvis: Command, stage: Stage, speech: Path) -> None:
    assert arvis.json("transcribe", speech, "--language", "fr") == {
        "files": [
            {
                "file": str(speech),
                "text": "what is the capital of france",
                "language": "fr",
                "confidence": 0.9,
                "audio_seconds": 0.2,
            }
        ]
    }


def test_engine_and_language_are_those_that_were_named(
    arvis: Command, stage: Stage, speech: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARVIS_STT_MODEL", "/models/whisper")
    arvis("transcribe", speech, "--engine", "moonshine", "--language", "en")
    stt = stage.settings.stt
    assert (stt.engine, stt.model, stt.language) == ("moonshine", "embedded", "en")
    arvis("transcribe", speech, "--engine", "faster-whisper")
    assert stage.settings.stt.model == "/models/whisper"


def test_a_bad_file_does_not_keep_the_others_from_being_transcribed(
    arvis: Command, stage: Stage, speech: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.wav"
    empty.write_bytes(b"")
    silence = recording(tmp_path / "silence.wav", 0.0)
    result = arvis("transcribe", empty, silence, speech)
    assert result.exit_code == 1
    assert result.stdout == f"{speech}: what is the capital of france\n"
    first, second = result.stderr.splitlines()
    assert first.startswith(f"arvis: {empty}: ")
    assert second == f"arvis: {silence}: I did not hear anything in this recording."


def test_a_file_that_may_not_be_read_is_told_like_any_other(
    arvis: Command, stage: Stage, speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is refused to root, who may run the tests, so what the system says is made up."""
    private = recording(tmp_path / "private.wav", 0.1)
    access, opened = os.access, Path.open

    def refuse(path: Path, *arguments: Any, **named: Any) -> Any:
        if path == private:
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **named)

    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != private and access(path, mode))
    monkeypatch.setattr(Path, "open", refuse)
    told = arvis.json("transcribe", private, speech, code=1)
    assert told["error"]["code"] == "file-unreadable"
    assert told["files"][1]["text"] == "what is the capital of france"
    assert arvis.json("ask", "--audio", private, code=1)["error"]["code"] == "file-unreadable"


def test_json_of_failures(arvis: Command, stage: Stage, speech: Path, tmp_path: Path) -> None:
    told = arvis.json("transcribe", tmp_path / "none.wav", speech, code=1)
    assert told["error"]["code"] == "file-not-found"
    assert told["files"][0] == {"file": str(tmp_path / "none.wav"), "error": told["error"]}
    assert told["files"][1]["text"] == "what is the capital of france"


def test_a_bad_name_is_told_before_anything_is_loaded(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    assert str(tmp_path / "none.wav") in arvis.fails("transcribe", tmp_path / "none.wav")
    assert stage.transcriber.loads == 0


def test_an_engine_that_cannot_be_loaded_is_told_once(arvis: Command, stage: Stage, speech: Path) -> None:
    stage.transcriber.load_errors = [TranscriptionError("no-model", "There is no model.")]
    assert arvis.fails("transcribe", speech, speech) == "There is no model."


def test_an_engine_that_fails_or_understands_nothing(arvis: Command, stage: Stage, speech: Path) -> None:
    stage.transcriber.errors = [TranscriptionError("failed", "The engine failed.")]
    assert arvis.fails("transcribe", speech) == "The engine failed."
    stage.transcriber.text = ""
    assert arvis.fails("transcribe", speech) == "I did not hear anything in this recording."


def test_no_file_is_a_usage_error(arvis: Command, stage: Stage) -> None:
    assert "Missing argument" in arvis.misused("transcribe")
