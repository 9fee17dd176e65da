"""The real model on recordings of speech, and on sounds that are none."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import run

import numpy as np
import pytest
from numpy.typing import NDArray

from modules.audio.base import AudioChunk
from modules.audio.files import read_audio
from modules.engine import LoadProgress
from modules.vad.base import VadError, VoiceActivityDetector
from modules.vad.silero import SileroVad

ROOT = Path(__file__).parents[3]
SPEECH = sorted(ROOT.glob("assets/speech/*.flac")) + sorted(ROOT.glob("tests/data/questions/*.flac"))
RATE = 16000
SECONDS = 10
TIME = np.arange(SECONDS * RATE) / RATE


@pytest.fixture
async def detector() -> AsyncIterator[VoiceActivityDetector]:
    silero = SileroVad()
    await silero.load()
    yield silero
    await silero.close()


def _chunk(samples: NDArray[np.float64] | NDArray[np.float32]) -> AudioChunk:
    return AudioChunk(samples.astype(np.float32), RATE)


def _noise(level: float, colour: float = 0.0, seed: int = 0) -> NDArray[np.float64]:
    """Noise whose spectrum falls with frequency to the power of `colour`; `level` is its root mean square."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(TIME.shape[0]))
    shaped = np.fft.irfft(spectrum / np.maximum(10, np.arange(spectrum.shape[0])) ** colour)
    noise: NDArray[np.float64] = level * shaped / np.std(shaped)
    return noise


def _hum(level: float) -> NDArray[np.float64]:
    wave = np.zeros_like(TIME)
    for harmonic in range(1, 20):
        wave += np.sin(2 * np.pi * 50 * harmonic * TIME) / harmonic
    return wave * (level / float(np.max(np.abs(wave))))


def _clicks(level: float) -> NDArray[np.float64]:
    samples = np.zeros_like(TIME)
    for at in range(0, samples.shape[0] - 200, 3200):
        samples[at : at + 100] = level * np.exp(-np.arange(100) / 20) * np.sign(np.sin(np.arange(100)))
    return samples


NO_SPEECH = {
    "silence": np.zeros_like(TIME),
    **{f"white noise {level}": _noise(level) for level in (0.001, 0.01, 0.1, 0.3, 0.7)},
    **{f"pink noise {level}": _noise(level, 0.5) for level in (0.01, 0.1, 0.3)},
    **{f"rumble {level}": _noise(level, 1.0) for level in (0.01, 0.1, 0.3)},
    **{f"tone {hertz} Hz": 0.3 * np.sin(2 * np.pi * hertz * TIME) for hertz in (50, 100, 200, 440, 1000, 3000)},
    **{f"hum {level}": _hum(level) for level in (0.02, 0.2, 0.5)},
    **{f"clicks {level}": _clicks(level) for level in (0.1, 0.5, 1.0)},
    "beeps": 0.3 * np.sin(2 * np.pi * 880 * TIME) * (np.sin(2 * np.pi * 2 * TIME) > 0),
    "a level that is off": np.full_like(TIME, 0.4),
}


@pytest.mark.parametrize("path", SPEECH, ids=[path.stem for path in SPEECH])
def test_speech_is_found_loud_and_quiet(detector: VoiceActivityDetector, path: Path) -> None:
    audio = read_audio(path)
    for gain in (1.0, 0.1, 0.02):
        spans = detector.spans(_chunk(audio.samples * gain))
        spoken = sum(span.end - span.start for span in spans)
        assert spoken > 0.6 * audio.seconds
        assert all(0.0 <= span.start < span.end <= audio.seconds for span in spans)


@pytest.mark.parametrize("name", NO_SPEECH)
def test_what_is_no_speech_is_rejected(detector: VoiceActivityDetector, name: str) -> None:
    assert detector.spans(_chunk(NO_SPEECH[name])) == []


@pytest.mark.parametrize("word", ["q15", "q16"])
def test_one_short_word_survives_noise_and_silence_around_it(detector: VoiceActivityDetector, word: str) -> None:
    audio = read_audio(ROOT / f"tests/data/questions/{word}.flac")
    assert audio.seconds < 0.6
    samples = _noise(0.001)[: 5 * RATE].astype(np.float32)
    samples[2 * RATE : 2 * RATE + audio.frames] += 0.2 * audio.samples
    (span,) = detector.spans(_chunk(samples))
    assert span.start == pytest.approx(2.0 - 0.1, abs=0.15)
    assert audio.seconds * 0.8 < span.end - span.start < audio.seconds + 0.3


def test_a_pause_inside_a_sentence_stays_and_the_silence_around_goes(detector: VoiceActivityDetector) -> None:
    sentence = read_audio(ROOT / "tests/data/questions/p03.flac")
    silence = np.zeros(2 * RATE, np.float32)
    assert len(detector.spans(sentence)) > 1
    spans = detector.spans(_chunk(np.concatenate((silence, sentence.samples, silence))))
    assert spans[-1].end - spans[0].start == pytest.approx(sentence.seconds, abs=0.5)


def test_a_stream_says_the_same_as_the_whole(detector: VoiceActivityDetector) -> None:
    audio = read_audio(SPEECH[0])
    whole = detector.open().feed(audio)
    stream = detector.open()
    pieces = [
        value for at in range(0, audio.frames, 160) for value in stream.feed(_chunk(audio.samples[at : at + 160]))
    ]
    assert pieces == pytest.approx(whole, abs=1e-4)
    assert max(pieces) > 0.9
    assert len(pieces) == audio.frames // 512


def test_streams_do_not_disturb_each_other(detector: VoiceActivityDetector) -> None:
    audio = read_audio(SPEECH[0])
    alone = detector.open().feed(audio)
    first, second = detector.open(), detector.open()
    second.feed(_chunk(_noise(0.3)))
    assert first.feed(audio) == alone


async def test_it_loads_once_warms_up_and_can_be_loaded_again() -> None:
    detector = SileroVad()
    seen: list[LoadProgress] = []
    await detector.load(seen.append)
    await detector.load(seen.append)
    assert [(step.engine, step.note) for step in seen] == [("silero", "Loading the voice detector")]
    assert 0.0 < await detector.warm_up() < 1.0
    await detector.close()
    with pytest.raises(VadError):
        detector.open()
    await detector.load()
    assert detector.spans(read_audio(SPEECH[0]))


def _field(number: int, value: bytes | int) -> bytes:
    """One field of a protocol buffer, of less than 128 bytes or below 128."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def _identity_model() -> bytes:
    """The smallest valid ONNX model: y = x."""
    tensor = _field(1, _field(1, 1) + _field(2, _field(1, _field(1, 1))))
    node = _field(1, b"x") + _field(2, b"y") + _field(4, b"Identity")
    x, y = (_field(1, name) + _field(2, tensor) for name in (b"x", b"y"))
    graph = _field(1, node) + _field(2, b"g") + _field(11, x) + _field(12, y)
    return _field(1, 8) + _field(7, graph) + _field(8, _field(2, 13))


async def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "identity.onnx"
    path.write_bytes(_identity_model())
    with pytest.raises(VadError) as caught:
        await SileroVad(model=path).load()
    assert caught.value.code == "model-broken"
    assert caught.value.__cause__ is None  # it could be read, it just is another one


def test_the_speech_library_is_not_imported_for_its_model() -> None:
    code = (
        "import asyncio, sys; from modules.vad.silero import SileroVad; detector = SileroVad();"
        "assert 'onnxruntime' not in sys.modules; asyncio.run(detector.load());"
        "sys.exit('faster_whisper' in sys.modules or 'ctranslate2' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
