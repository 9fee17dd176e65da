from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.vad.base import VadError
from modules.vad.silero import SileroVad


class FakeSession:
    """Counts windows in its state and says how loud each is; keeps what it was given."""

    def __init__(self) -> None:
        self.windows: list[Any] = []
        self.batches: list[int] = []

    def run(self, outputs: list[str], inputs: dict[str, Any]) -> list[Any]:
        assert outputs == ["speech_probs", "hn", "cn"]
        windows = inputs["input"]
        assert windows.dtype == np.float32
        assert windows.flags.c_contiguous
        self.windows += list(windows)
        self.batches.append(len(windows))
        return [np.abs(windows[:, 64:]).max(axis=1), inputs["h"] + len(windows), inputs["c"]]


def _detector(session: FakeSession) -> SileroVad:
    detector = SileroVad()
    detector._session = session
    return detector


def _chunk(samples: Any, rate: int = 16000) -> AudioChunk:
    return AudioChunk(np.asarray(samples, np.float32), rate)


def test_each_window_comes_with_the_end_of_the_one_before() -> None:
    session = FakeSession()
    _detector(session).open().feed(_chunk(np.arange(1024) / 1024))
    first, second = session.windows
    assert not first[:64].any()
    assert np.array_equal(first[64:] * 1024, np.arange(512))
    assert np.array_equal(second * 1024, np.arange(448, 1024))


@pytest.mark.parametrize("step", [1, 160, 320, 490, 512, 1000])
def test_any_size_of_chunk_gives_the_same_windows(step: int) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, 3000)
    whole, pieces = FakeSession(), FakeSession()
    expected = _detector(whole).open().feed(_chunk(samples))
    stream = _detector(pieces).open()
    found = [value for at in range(0, 3000, step) for value in stream.feed(_chunk(samples[at : at + step]))]
    assert len(found) == 5
    assert found == expected
    assert np.array_equal(pieces.windows, whole.windows)


def test_long_recordings_are_run_in_batches() -> None:
    session = FakeSession()
    assert len(_detector(session).open().feed(_chunk(np.zeros(512 * 1100)))) == 1100
    assert session.batches == [512, 512, 76]


def test_the_last_part_of_a_recording_is_looked_at_too() -> None:
    session = FakeSession()
    samples = np.zeros(512 * 10 + 100)
    samples[512 * 5 :] = 0.9
    (span,) = _detector(session).spans(_chunk(samples))
    assert len(session.windows) == 11
    assert span.end == pytest.approx(samples.shape[0] / 16000)


def test_nothing_has_no_speech() -> None:
    session = FakeSession()
    assert _detector(session).spans(_chunk([])) == []
    assert session.batches == []


def test_another_rate_is_refused() -> None:
    with pytest.raises(VadError, match="16000 Hz, not 48000 Hz") as caught:
        _detector(FakeSession()).spans(_chunk(np.zeros(480), 48000))
    assert caught.value.code == "wrong-rate"


async def test_it_must_be_loaded_first() -> None:
    detector = SileroVad()
    for call in (detector.open, lambda: detector.spans(_chunk([]))):
        with pytest.raises(VadError) as caught:
            call()
        assert caught.value.code == "not-loaded"


async def test_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(VadError, match="--force-reinstall faster-whisper") as caught:
        await SileroVad(model=tmp_path / "none.onnx").load()
    assert caught.value.code == "model-missing"


async def test_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(VadError, match="pip install faster-whisper") as caught:
        await SileroVad().load()
    assert caught.value.code == "model-missing"


async def test_a_broken_model(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(VadError, match="not a voice detector") as caught:
        await SileroVad(model=path).load()
    assert caught.value.code == "model-broken"
