"""From samples to the descriptions of speech that openWakeWord's phrase models judge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import Samples

STEP = 1280
"""Samples that make one embedding: 80 ms at 16 kHz."""

EMBEDDINGS = 16
"""How many embeddings a phrase model looks at: 1.28 s, and what the first of them has seen before."""

EMBEDDING_SIZE = 96
"""Numbers in one embedding."""

_OVERLAP = 480
"""Samples before a step that the first of its frames need as well."""

_FRAMES = 76
"""Frames of 10 ms, of 32 bands each, that one embedding describes: 775 ms."""

_BANDS = 32

_FULL_SCALE = np.float32(32768.0)
"""The models were trained on 16-bit samples."""


class FeatureStream:
    """The embeddings of one stream of sound, a step of 80 ms at a time.

    Args:
        melspectrogram: Session of the model that makes frames from samples.
        embedding: Session of the model that makes an embedding from frames.
    """

    def __init__(self, melspectrogram: Any, embedding: Any) -> None:
        self._melspectrogram = melspectrogram
        self._embedding = embedding
        self._samples: Samples = np.zeros(_OVERLAP + STEP, np.float32)
        # A stream begins as if it had been silent before.
        self._frames = np.resize(self._mel(), (1, _FRAMES, _BANDS, 1))
        self._embeddings = np.repeat(self._embed(), EMBEDDINGS, axis=1)

    def push(self, samples: Samples) -> NDArray[np.float32]:
        """Take `STEP` samples, nominally -1 to 1; return the latest embeddings, shape (1, 16, 96)."""
        self._samples = np.concatenate((self._samples[-_OVERLAP:], samples * _FULL_SCALE))
        self._frames = np.concatenate((self._frames, self._mel()), axis=1)[:, -_FRAMES:]
        self._embeddings = np.concatenate((self._embeddings[:, 1:], self._embed()), axis=1)
        return self._embeddings

    def _mel(self) -> NDArray[np.float32]:
        """The frames of the latest step, in the scale that the embedding model was trained on."""
        decibels: NDArray[np.float32] = self._melspectrogram.run(None, {"input": self._samples[None]})[0]
        return decibels.reshape(1, -1, _BANDS, 1) / np.float32(10.0) + np.float32(2.0)

    def _embed(self) -> NDArray[np.float32]:
        embedding: NDArray[np.float32] = self._embedding.run(None, {"input_1": self._frames})[0]
        return embedding.reshape(1, 1, EMBEDDING_SIZE)
