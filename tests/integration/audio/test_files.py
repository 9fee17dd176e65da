"""Sound files as they come: other formats of the same speech, phone calls, and ten minutes of it."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from modules.audio.base import AudioChunk
from modules.audio.file_source import FileSource
from modules.audio.files import read_audio, write_wav
from modules.audio.resample import resample

ROOT = Path(__file__).parents[3]
SPEECH = ROOT / "assets/speech/go_forward.flac"


def _likeness(first: AudioChunk, second: AudioChunk) -> float:
    """Correlation of the two at the best shift, 0 to 1; lossy formats add some milliseconds at the front."""
    size = 1 << (first.frames + second.frames).bit_length()
    product = np.fft.rfft(first.samples, size) * np.conj(np.fft.rfft(second.samples, size))
    return float(np.max(np.fft.irfft(product)) / np.linalg.norm(first.samples) / np.linalg.norm(second.samples))


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
@pytest.mark.parametrize("rate", [16000, 44100])
def test_the_same_speech_in_every_format(tmp_path: Path, suffix: str, rate: int) -> None:
    speech = read_audio(SPEECH)
    path = tmp_path / f"speech{suffix}"
    soundfile.write(path, resample(speech, rate).samples, rate)
    read = read_audio(path)
    assert read.sample_rate == 16000
    assert read.seconds == pytest.approx(speech.seconds, abs=0.15)
    assert _likeness(read, speech) > 0.97


def test_a_phone_call(tmp_path: Path) -> None:
    speech = read_audio(SPEECH)
    narrow = resample(speech, 8000).samples
    soundfile.write(tmp_path / "call.wav", np.stack((narrow, narrow), axis=1), 8000, subtype="ULAW")
    read = read_audio(tmp_path / "call.wav")
    assert read.frames == pytest.approx(speech.frames, abs=2)
    assert _likeness(read, speech) > 0.95


def test_ten_minutes_take_memory_for_the_result_and_little_more(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", 48000, 2) as file:
        for _ in range(600):
            file.write(np.zeros((48000, 2), np.float32))
    tracemalloc.start()
    read = read_audio(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read.seconds == pytest.approx(600.0)
    result = read.samples.nbytes
    assert peak < 2.5 * result  # at 48 kHz and in stereo the file alone is six times the result


@pytest.mark.parametrize(("suffix", "share"), [(".wav", 0.3), (".mp3", 0.3), (".ogg", 0.7)])
def test_a_recording_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"speech{suffix}"
    speech = read_audio(SPEECH)
    soundfile.write(path, speech.samples, 16000)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert read_audio(path).seconds == pytest.approx(speech.seconds * share, rel=0.35)


async def test_a_recording_through_the_source_is_the_recording(tmp_path: Path) -> None:
    source = FileSource(SPEECH)
    await source.open()
    pieces = [piece async for piece in source.chunks()]
    await source.close()
    joined = AudioChunk(np.concatenate([piece.samples for piece in pieces]), 16000)
    assert np.array_equal(joined.samples, read_audio(SPEECH).samples)
    write_wav(tmp_path / "again.wav", joined)
    assert np.max(np.abs(read_audio(tmp_path / "again.wav").samples - joined.samples)) < 1e-4
