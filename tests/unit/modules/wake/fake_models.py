"""Stand-ins for the three models: the score is what the samples say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np


class FakeMelspectrogram:
    """Eight frames for every 1760 samples, each the decibels of the loudest sample."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    def run(self, outputs: None, inputs: dict[str, Any]) -> list[Any]:
        samples = inputs["input"]
        assert samples.dtype == np.float32
        assert samples.shape == (1, 1760)
        self.given.append(samples[0])
        return [np.full((1, 1, 8, 32), samples[0, 480:].max(), np.float32)]


class FakeEmbedding:
    """The latest frame, as often as an embedding is long."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    def run(self, outputs: None, inputs: dict[str, Any]) -> list[Any]:
        frames = inputs["input_1"]
        assert frames.dtype == np.float32
        assert frames.shape == (1, 76, 32, 1)
        self.given.append(frames[0, :, :, 0])
        return [np.full((1, 1, 1, 96), frames[0, -1, 0, 0], np.float32)]


class FakePhrase:
    """The score is the loudest sample of the latest step."""

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="x.1")]

    def run(self, outputs: None, inputs: dict[str, Any]) -> list[Any]:
        embeddings = inputs["x.1"]
        assert embeddings.dtype == np.float32
        assert embeddings.shape == (1, 16, 96)
        return [np.array([[(embeddings[0, -1, 0] - 2) * 10 / 32768]], np.float32)]
