"""Every command once, with the real engines and real speech."""

from __future__ import annotations

from pathlib import Path

from modules.audio.files import read_audio
from tests.integration.cli.conftest import Arvis, document
from tests.words import word_error_rate

QUESTIONS = Path(__file__).parents[2] / "data" / "questions"
CAPITAL = QUESTIONS / "q00.flac"


def test_ask_hears_answers_and_saves(arvis: Arvis, tmp_path: Path) -> None:
    done = arvis("ask", "--audio", CAPITAL, "--save", tmp_path / "answer.wav", "--json")
    assert done.returncode == 0, done.stderr
    told = document(done)
    assert word_error_rate("what is the capital of france", told["transcript"]) == 0.0
    assert "Paris" in told["reply"]
    assert told["engines"] == {"stt": "faster-whisper", "llm": "llama-cpp", "tts": "hibari"}
    assert told["saved"] == str(tmp_path / "answer.wav")
    timings = [
        told["timings_ms"][stage] for stage in ("final_transcript", "first_token", "first_clause", "first_audio")
    ]
    assert timings == sorted(timings)
    assert told["timings_ms"]["total"] >= timings[-1]
    answer = read_audio(tmp_path / "answer.wav")
    assert abs(answer.seconds - told["audio_seconds"]) < 0.01
    assert answer.seconds > 0.1 * len(told["reply"].split())


def test_ask_in_words_streams_and_prints_the_latency(arvis: Arvis) -> None:
    done = arvis("ask", "What is the capital of France?", "--no-speak")
    assert done.returncode == 0, done.stderr
    first, second, *rest = done.stdout.splitlines()
    assert first == "You:   What is the capital of France?"
    assert second.startswith("Arvis: ")
    assert "Paris" in second
    assert any("first token" in line for line in rest)


def test_what_is_said_is_understood_again(arvis: Arvis, tmp_path: Path) -> None:
    text = "The meeting is on Monday at nine, and it will be short."
    said = arvis("say", text, "-o", tmp_path / "said.wav")
    assert said.returncode == 0, said.stderr
    done = arvis("transcribe", tmp_path / "said.wav", CAPITAL, "--json")
    assert done.returncode == 0, done.stderr
    back, question = document(done)["files"]
    assert word_error_rate(text.replace("nine", "9"), back["text"].replace("nine", "9")) <= 0.1
    assert word_error_rate("what is the capital of france", question["text"]) == 0.0
    assert question["language"] == "en"


def test_doctor_measures_every_engine(arvis: Arvis) -> None:
    done = arvis("doctor", "--json")
    told = document(done)
    checks = {check["name"]: check for check in told["checks"]}
    assert done.returncode == 0, done.stderr
    for name in ("vad", "stt", "llm", "tts"):
        assert checks[name]["status"] in ("HEALTHY", "DEGRADED"), checks[name]  # it may be slow while others work here
        assert checks[name]["figures"]["floor_ms"] > 0
    assert checks["screen"]["status"] == "DEGRADED"
    assert checks["memory"]["figures"]["engines_mb"] <= 700
    assert checks["memory"]["figures"]["window_mb"] <= 150


def test_a_quick_look_loads_no_engine(arvis: Arvis) -> None:
    done = arvis("doctor", "--quick", "--json")
    assert done.returncode == 0, done.stderr
    names = {check["name"] for check in document(done)["checks"]}
    assert {"installation", "models", "disk", "audio-in", "memory"} <= names
    assert names.isdisjoint({"vad", "stt", "llm", "tts"})


def test_devices_is_one_object(arvis: Arvis) -> None:
    done = arvis("devices", "--json")
    assert done.returncode == 0, done.stderr
    assert set(document(done)) == {"inputs", "outputs"}


def test_a_bad_recording_is_one_sentence(arvis: Arvis, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    done = arvis("ask", "--audio", tmp_path / "empty.wav", "--json")
    assert done.returncode == 1
    assert document(done)["error"]["code"] == "file-empty"
    assert len(done.stderr.splitlines()) == 1
