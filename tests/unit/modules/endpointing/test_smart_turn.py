from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.endpointing.base import EndpointError
from modules.endpointing.smart_turn import SmartTurn
from modules.models import embedded
from modules.models.base import ModelError
from utils.aio import Worker

# (band, frame) and mean of the features that the package pipecat-ai 1.14.0 computes for `_hiss` of so many seconds.
PLACES = [(0, 0), (40, 100), (79, 300), (10, 650), (25, 720), (60, 760), (79, 799), (2, 799)]
REFERENCE = {
    0.5: ([0.3579, -0.275, -0.275, -0.275, -0.275, 1.2138, 1.5721, 1.5238], -0.1627),
    2.0: ([0.2784, -0.385, -0.385, 1.2474, 1.2318, 1.3027, 1.3803, 1.1927], 0.0173),
    8.0: ([0.6888, 0.8651, 1.1111, 1.1484, 1.2136, 1.28, 1.266, 1.3713], 1.0355),
    11.0: ([0.9799, 1.0503, 1.0784, 1.0862, 1.3012, 1.201, 1.2064, 1.1887], 1.0898),
}


class FakeSession:
    """Answers with the mean of its last frame, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def run(self, outputs: None, inputs: dict[str, Any]) -> list[Any]:
        if self.error is not None:
            raise self.error
        (features,) = inputs.values()
        assert list(inputs) == ["input_features"]
        assert features.shape == (1, 80, 800)
        assert features.dtype == np.float32
        return [features[:, :, -1:].mean(axis=1)]


def _hiss(seconds: float) -> Samples:
    count = int(seconds * SPEECH_RATE)
    swell = np.linspace(0.01, 0.3, count)
    return (np.random.default_rng(7).standard_normal(count) * swell).astype(np.float32)


def _loaded(session: FakeSession) -> SmartTurn:
    model = SmartTurn()
    model._session, model._worker = session, Worker("test")
    return model


@pytest.mark.parametrize("seconds", REFERENCE)
def test_the_features_are_those_of_the_reference(seconds: float) -> None:
    values, mean = REFERENCE[seconds]
    features = SmartTurn().features(_hiss(seconds))[0]
    assert [float(features[place]) for place in PLACES] == pytest.approx(values, abs=2e-4)
    assert float(features.mean()) == pytest.approx(mean, abs=2e-4)


def test_only_the_last_eight_seconds_count() -> None:
    samples = _hiss(11.0)
    model = SmartTurn()
    assert np.array_equal(model.features(samples), model.features(samples[-8 * SPEECH_RATE :]))
    assert model.seconds == 8.0


@pytest.mark.parametrize(
    "samples", [np.zeros(0, np.float32), np.zeros(1, np.float32), np.zeros(SPEECH_RATE, np.float32)]
)
def test_nothing_and_silence_have_features_too(samples: Samples) -> None:
    features = SmartTurn().features(samples)
    assert features.shape == (1, 80, 800)
    assert np.isfinite(features).all()


async def test_loudness_does_not_matter() -> None:
    model = SmartTurn()
    quiet, loud = (model.features(_hiss(3.0) * np.float32(gain)) for gain in (0.1, 1.0))
    assert np.abs(quiet - loud).max() < 1e-2


async def test_the_answer_is_that_of_the_model() -> None:
    model = _loaded(FakeSession())
    expected = SmartTurn().features(_hiss(2.0))[0, :, -1].mean()
    assert await model.completeness(AudioChunk(_hiss(2.0), SPEECH_RATE)) == pytest.approx(expected)
    assert await model.warm_up() >= 0.0
    await model.close()


async def test_a_failure_inside_the_model_is_told() -> None:
    model = _loaded(FakeSession(RuntimeError("out of memory")))
    with pytest.raises(EndpointError, match="out of memory") as caught:
        await model.completeness(AudioChunk(_hiss(1.0), SPEECH_RATE))
    assert caught.value.code == "failed"
    await model.close()


async def test_another_rate_is_refused() -> None:
    model = _loaded(FakeSession())
    with pytest.raises(EndpointError, match="16000 Hz, not 48000 Hz") as caught:
        await model.completeness(AudioChunk(_hiss(1.0), 48000))
    assert caught.value.code == "wrong-rate"
    await model.close()


async def test_it_must_be_loaded_first_and_not_be_closed() -> None:
    model = SmartTurn()
    for _ in range(2):
        with pytest.raises(EndpointError) as caught:
            await model.completeness(AudioChunk(_hiss(1.0), SPEECH_RATE))
        assert caught.value.code == "not-loaded"
        await model.close()


async def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match=r"pip install --no-deps pipecat-ai==1\.14\.0") as caught:
        await SmartTurn(tmp_path / "none.onnx").load()
    assert caught.value.code == "model-missing"


async def test_a_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    model = SmartTurn()
    with pytest.raises(ModelError, match=r"pip install --no-deps pipecat-ai==1\.14\.0") as caught:
        await model.load()
    assert caught.value.code == "missing-package"
    with pytest.raises(EndpointError):
        await model.completeness(AudioChunk(_hiss(1.0), SPEECH_RATE))


async def test_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(EndpointError, match="not a model of the end of a turn") as caught:
        await SmartTurn(str(path)).load()
    assert caught.value.code == "model-broken"
