from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from modules.audio.base import AudioChunk, AudioError, Samples
from modules.audio.files import read_audio, write_wav


def _sine(rate: int, seconds: float = 1.0) -> Samples:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


def _code(path: Path) -> str:
    with pytest.raises(AudioError) as caught:
        read_audio(path)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.code


@pytest.mark.parametrize(("suffix", "rate"), [(".wav", 44100), (".flac", 48000), (".ogg", 22050), (".mp3", 44100)])
def test_every_format_is_read_at_the_rate_of_speech(tmp_path: Path, suffix: str, rate: int) -> None:
    path = tmp_path / f"tone{suffix}"
    soundfile.write(path, _sine(rate), rate)
    chunk = read_audio(path)
    assert chunk.sample_rate == 16000
    assert chunk.samples.dtype == np.float32
    assert chunk.seconds == pytest.approx(1.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(chunk.samples[2000:14000]))
    assert np.argmax(spectrum) * 16000 / 12000 == pytest.approx(440, abs=2)


def test_eight_kilohertz_stereo_becomes_mono_speech(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    soundfile.write(path, np.stack((_sine(8000, 2.0), np.zeros(16000, np.float32)), axis=1), 8000)
    chunk = read_audio(path)
    assert (chunk.sample_rate, chunk.frames) == (16000, 32000)
    assert np.max(chunk.samples) == pytest.approx(0.25, abs=0.01)


def test_a_file_longer_than_a_block_is_read_without_a_seam(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, _sine(48000, 25.0), 48000)
    chunk = read_audio(path)
    assert chunk.frames == 25 * 16000
    assert np.max(np.abs(chunk.samples[1000:-1000] - _sine(16000, 25.0)[1000:-1000])) < 1e-3


def test_another_rate_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, _sine(16000), 16000)
    assert read_audio(path, 48000).frames == 48000


def test_samples_that_are_no_numbers_become_silence_and_loud_ones_are_clipped(tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    samples = np.array([np.nan, np.inf, -np.inf, 1e30, -7.0, 0.5], np.float32)
    soundfile.write(path, samples, 16000, subtype="FLOAT")
    assert read_audio(path).samples.tolist() == [0.0, 0.0, 0.0, 1.0, -1.0, 0.5]


def test_a_missing_file(tmp_path: Path) -> None:
    assert _code(tmp_path / "none.wav") == "file-not-found"
    (tmp_path / "file").write_bytes(b"x")
    assert _code(tmp_path / "file" / "below.wav") == "file-not-found"


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.touch()
    assert _code(path) == "file-empty"


@pytest.mark.parametrize("content", [b"This is a letter, not a sound.\n" * 40, b"RIFF\x00\x00", bytes(5000)])
def test_a_file_that_is_no_sound(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.wav"
    path.write_bytes(content)
    assert _code(path) == "file-not-audio"


def test_a_header_with_an_absurd_rate(tmp_path: Path) -> None:
    path = tmp_path / "absurd.wav"
    soundfile.write(path, _sine(16000), 16000)
    content = bytearray(path.read_bytes())
    content[24:28] = (7).to_bytes(4, "little")
    path.write_bytes(content)
    assert _code(path) == "file-not-audio"


def test_a_sound_file_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "nothing.wav"
    soundfile.write(path, np.zeros(0, np.float32), 16000)
    assert _code(path) == "file-no-sound"


def test_a_folder_and_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    assert _code(tmp_path) == "file-unreadable"
    with pytest.raises(AudioError) as caught:
        read_audio("a\0b.wav")
    assert caught.value.code == "file-unreadable"


def test_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "loop.wav"
    path.symlink_to(path)
    with pytest.raises(AudioError) as caught:
        read_audio(path)
    assert caught.value.code == "file-unreadable"
    assert "Errno" not in caught.value.message


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "private.wav"
    soundfile.write(path, _sine(16000), 16000)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, to whom nothing is refused
    with pytest.raises(AudioError, match="Permission denied") as caught:
        read_audio(path)
    assert caught.value.code == "file-unreadable"


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    write_wav(path, AudioChunk(_sine(24000), 24000))
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24000)
    read = read_audio(path, 24000)
    assert np.max(np.abs(read.samples - _sine(24000))) < 1 / 16000
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.wav"]


def test_written_samples_are_clipped_and_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    write_wav(path, AudioChunk(np.array([2.0, -2.0, np.nan, 0.0], np.float32), 16000))
    assert read_audio(path).samples == pytest.approx([1.0, -1.0, 0.0, 0.0], abs=1e-4)


def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.wav"
    write_wav(path, AudioChunk(_sine(16000), 16000))
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(wave.Wave_write, "writeframes", fail)
    with pytest.raises(AudioError, match="No space left") as caught:
        write_wav(path, AudioChunk(_sine(16000, 2.0), 16000))
    assert caught.value.code == "file-unwritable"
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.wav"]


@pytest.mark.parametrize("target", ["missing/out.wav", "folder"])
def test_a_place_that_cannot_be_written(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(AudioError) as caught:
        write_wav(tmp_path / target, AudioChunk(_sine(16000), 16000))
    assert caught.value.code == "file-unwritable"
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_wav("/dev/null", AudioChunk(_sine(16000), 16000))
    assert Path("/dev/null").is_char_device()
