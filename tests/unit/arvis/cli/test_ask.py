"""`arvis ask`, with everything that may go wrong in one turn."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from modules.audio.base import AudioError
from modules.audio.files import read_audio
from modules.llm.base import LanguageModelError
from modules.tts.base import SynthesisError
from tests.unit.arvis.cli.conftest import Command, Stage, recording
from utils.errors import ArvisError

NO_SPEAKER = AudioError("no-device", "There is no speaker.", retryable=True)


def test_a_typed_question_is_answered_in_words_and_aloud(arvis: Command, stage: Stage) -> None:
    result = arvis("ask", "capital of France?")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[:2] == ["You:   capital of France?", "Arvis: It is Paris."]
    assert "first token" in result.stdout
    assert "final transcript" not in result.stdout
    assert result.stderr == ""
    assert stage.voice.spoken == ["It is Paris."]
    assert sum(chunk.seconds for chunk in stage.speaker.played) > 0.2
    assert not stage.speaker.is_open
    assert stage.microphone.opened == 0
    assert stage.model.closed
    assert stage.transcriber.closed


def test_a_recording_is_transcribed_and_answered(arvis: Command, stage: Stage, speech: Path) -> None:
    result = arvis("ask", "--audio", speech)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[:2] == ["You:   what is the capital of france", "Arvis: It is Paris."]
    assert "final transcript" in result.stdout
    assert stage.microphone.opened == 0


def test_json_has_everything_a_script_reads(arvis: Command, stage: Stage, speech: Path) -> None:
    told = arvis.json("ask", "--audio", speech)
    timings = told.pop("timings_ms")
    seconds = told.pop("audio_seconds")
    assert told.pop("tokens_per_second") > 0
    assert told == {
        "transcript": "what is the capital of france",
        "reply": "It is Paris.",
        "engines": {"stt": "scribe", "llm": "mind", "tts": "mouth"},
        "saved": None,
    }
    assert 0.2 < seconds < 1.0
    stages = ["final_transcript", "first_token", "first_clause", "first_audio", "total"]
    times = [timings[stage] for stage in stages]
    assert times == sorted(times)
    assert times[0] >= 0
    assert stage.speaker.begun == 0


def test_a_typed_question_has_no_transcription_time(arvis: Command, stage: Stage) -> None:
    told = arvis.json("ask", "hello")
    assert told["transcript"] == "hello"
    assert told["timings_ms"]["final_transcript"] is None
    assert told["timings_ms"]["first_token"] >= 0


def test_the_answer_is_saved_instead_of_spoken(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    result = arvis("ask", "hello", "--save", tmp_path / "answer.wav")
    assert result.exit_code == 0
    assert f"Saved: {tmp_path / 'answer.wav'}" in result.stdout
    assert read_audio(tmp_path / "answer.wav").seconds > 0.2
    assert stage.speaker.begun == 0


def test_json_names_the_saved_file(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    told = arvis.json("ask", "hello", "--save", tmp_path / "answer.wav")
    assert told["saved"] == str(tmp_path / "answer.wav")
    assert told["audio_seconds"] == pytest.approx(read_audio(tmp_path / "answer.wav").seconds, abs=0.01)


def test_an_answer_can_be_only_written(arvis: Command, stage: Stage) -> None:
    result = arvis("ask", "hello", "--no-speak")
    assert result.exit_code == 0
    assert (stage.voice.spoken, stage.voice.loads, stage.speaker.begun) == ([], 0, 0)
    told = arvis.json("ask", "hello", "--no-speak")
    assert (told["audio_seconds"], told["timings_ms"]["first_audio"]) == (0.0, None)


def test_real_time_feeds_the_recording_as_a_microphone_would(arvis: Command, stage: Stage, speech: Path) -> None:
    assert arvis.json("ask", "--audio", speech, "--realtime")["reply"] == "It is Paris."
    times = [chunk.time for chunk in stage.transcriber.streams[0].fed]
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx(0.18, abs=0.001)


def test_a_recording_of_8_khz_in_stereo_is_understood(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "phone.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x10\x00\x10" * 4000)
    assert arvis.json("ask", "--audio", tmp_path / "phone.wav")["reply"] == "It is Paris."
    assert sum(chunk.seconds for chunk in stage.transcriber.streams[0].fed) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("kind", ["missing", "empty", "folder", "not sound", "header only"])
def test_a_bad_recording_is_told_before_anything_is_loaded(
    arvis: Command, stage: Stage, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "bad.wav"
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    elif kind == "not sound":
        path.write_text("This is not sound. " * 100)
    elif kind == "header only":
        recording(path, 0.0, seconds=0.0)
    assert str(path) in arvis.fails("ask", "--audio", path)
    assert arvis.json("ask", "--audio", path, code=1)["error"]["code"].startswith("file-")
    assert stage.model.loads == 0


def test_silence_is_not_answered(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    silence = recording(tmp_path / "silence.wav", 0.0)
    assert arvis.fails("ask", "--audio", silence) == "I did not hear anything."
    assert arvis.json("ask", "--audio", silence, code=1)["error"]["code"] == "nothing-heard"
    assert stage.model.yielded == 0


def test_without_a_speaker_the_answer_is_read(arvis: Command, stage: Stage) -> None:
    stage.speaker.begin_error = NO_SPEAKER
    result = arvis("ask", "hello")
    assert result.exit_code == 0
    assert "Arvis: It is Paris." in result.stdout
    assert result.stderr == "arvis: There is no speaker.\n"


def test_without_a_speaker_an_answer_that_must_be_spoken_fails(arvis: Command, stage: Stage) -> None:
    stage.speaker.begin_error = NO_SPEAKER
    result = arvis("ask", "hello", "--speak")
    assert result.exit_code == 1
    assert "The answer could not be spoken aloud" in result.stderr


def test_a_speaker_that_is_unplugged_leaves_the_words(arvis: Command, stage: Stage) -> None:
    stage.speaker.lose_after_chunks = 0
    result = arvis("ask", "hello")
    assert (result.exit_code, result.stderr) == (0, "arvis: The speaker was unplugged.\n")


def test_a_missing_model_is_one_sentence_and_the_next_call_works(arvis: Command, stage: Stage) -> None:
    error = LanguageModelError("no-model", "There is no model 'x.gguf'. Check llm.model.")
    stage.model.load_errors = [error]
    assert arvis.fails("ask", "hello") == "There is no model 'x.gguf'. Check llm.model."
    stage.model.load_errors = [error]
    assert arvis.json("ask", "hello", code=1) == {"error": {"code": "no-model", "message": error.message}}
    assert arvis("ask", "hello").exit_code == 0


def test_a_typed_question_needs_no_speech_recognition(arvis: Command, stage: Stage, speech: Path) -> None:
    stage.transcriber.load_errors = [ArvisError("no-model", "There is no speech model.")] * 2
    assert arvis("ask", "hello").exit_code == 0
    assert arvis.fails("ask", "--audio", speech) == "There is no speech model."


def test_an_answer_that_is_to_be_saved_needs_a_voice(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    error = SynthesisError("no-voice", "There is no voice.")
    stage.voice.load_errors = [error]
    assert arvis.fails("ask", "hello", "--save", tmp_path / "answer.wav") == "There is no voice."
    stage.voice.load_errors = []
    stage.voice.errors = [error]
    result = arvis("ask", "hello", "--save", tmp_path / "answer.wav")
    assert result.exit_code == 1
    assert "There is no voice." in result.stderr
    assert "nothing to save" in result.stderr
    assert not (tmp_path / "answer.wav").exists()


@pytest.mark.parametrize("piece", [0, 2])
def test_a_server_that_refuses_or_dies_in_mid_stream(arvis: Command, stage: Stage, piece: int) -> None:
    stage.model.errors = {piece: LanguageModelError("server-gone", "The server does not answer.")}
    for speaking in ("--speak", "--no-speak"):
        result = arvis("ask", "hello", speaking)
        assert result.exit_code == 1
        assert result.stderr == "arvis: The server does not answer.\n"
        assert result.stdout == "You:   hello\n" + ("Arvis: It is Paris\n" if piece else "")
    assert arvis.json("ask", "hello", code=1)["error"]["code"] == "server-gone"


def test_an_empty_answer_fails(arvis: Command, stage: Stage) -> None:
    stage.model.reply = (" ",)
    assert "no answer" in arvis.fails("ask", "hello", "--no-speak")


def test_a_folder_that_cannot_be_written_is_told(
    arvis: Command, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    result = arvis("ask", "hello", "--save", tmp_path / "answer.wav")
    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert not (tmp_path / "answer.wav").exists()


def test_a_reader_that_has_gone_does_not_break_the_turn(
    arvis: Command, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(text: str) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("arvis.cli.following.write_now", write)
    result = arvis("ask", "hello")
    assert (result.exit_code, result.stderr) == (1, "")
    assert stage.model.closed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give either a TEXT or --audio FILE."),
        (("hello", "--audio", "x.wav"), "give either a TEXT or --audio FILE."),
        (("  ",), "the text is empty."),
        (("hello", "--realtime"), "it needs --audio FILE."),
        (("hello", "--save", "answer.mp3"), "'answer.mp3' must end in .wav"),
        (("hello", "--save", "/no/such/folder/answer.wav"), "there is no folder '/no/such/folder'"),
        (("hello", "--save", "answer.wav", "--speak"), "the answer is either saved or spoken aloud."),
    ],
)
def test_misuse_is_told_before_anything_is_loaded(
    arvis: Command, stage: Stage, arguments: tuple[str, ...], words: str
) -> None:
    assert words in arvis.misused("ask", *arguments)
    told = arvis.json("ask", *arguments, code=2)
    assert told["error"]["code"] == "usage"
    assert words in told["error"]["message"]
    assert stage.asked == []


def test_a_folder_is_no_place_to_save(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "folder.wav").mkdir()
    assert "is a folder." in arvis.misused("ask", "hello", "--save", tmp_path / "folder.wav")


def test_broken_settings_are_said_and_the_turn_works(arvis: Command, stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").write_text("[llm]\nthreads = 'many'\n")
    result = arvis("ask", "hello")
    assert result.exit_code == 0
    assert "config.toml, line 2: llm.threads is" in result.stderr
    assert stage.settings.llm.threads == 2
