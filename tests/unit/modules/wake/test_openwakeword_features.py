from __future__ import annotations

import numpy as np
import pytest

from modules.wake.openwakeword_features import STEP, FeatureStream
from tests.unit.modules.wake.fake_models import FakeEmbedding, FakeMelspectrogram


def _steps(*levels: float) -> tuple[FakeMelspectrogram, FakeEmbedding, list[list[float]]]:
    mel, embedding = FakeMelspectrogram(), FakeEmbedding()
    stream = FeatureStream(mel, embedding)
    found = [stream.push(np.full(STEP, level, np.float32))[0, :, 0].tolist() for level in levels]
    return mel, embedding, found


def test_samples_are_scaled_to_16_bits_and_overlap_by_30_ms() -> None:
    mel, _, _ = _steps(0.25, -0.5)
    assert not mel.given[0].any()
    assert mel.given[1][:480].tolist() == [0.0] * 480
    assert mel.given[1][480:].tolist() == [8192.0] * 1280
    assert mel.given[2][:480].tolist() == [8192.0] * 480
    assert mel.given[2][480:].tolist() == [-16384.0] * 1280


def test_each_embedding_describes_the_latest_76_frames_in_the_models_scale() -> None:
    _, embedding, _ = _steps(*[0.1] * 9, 0.2)
    assert np.unique(embedding.given[0]).tolist() == [2.0]
    latest = embedding.given[-1]
    assert latest[-8:, 0] == pytest.approx([0.2 * 32768 / 10 + 2] * 8)
    assert latest[:-8, 0] == pytest.approx([0.1 * 32768 / 10 + 2] * 68)


def test_a_stream_begins_in_silence_and_keeps_the_latest_16_embeddings() -> None:
    _, _, found = _steps(*[number / 100 for number in range(1, 21)])
    values = [(np.array(row) - 2) * 10 / 32768 for row in found]
    assert values[0] == pytest.approx([0.0] * 15 + [0.01], abs=1e-6)
    assert values[-1] == pytest.approx([number / 100 for number in range(5, 21)], abs=1e-6)


def test_what_was_returned_stays_as_it_was() -> None:
    stream = FeatureStream(FakeMelspectrogram(), FakeEmbedding())
    first = stream.push(np.full(STEP, 0.1, np.float32))
    copy = first.copy()
    stream.push(np.full(STEP, 0.9, np.float32))
    assert np.array_equal(first, copy)
