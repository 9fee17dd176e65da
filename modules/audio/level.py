"""How loud a piece of sound is."""

from __future__ import annotations

import numpy as np

from modules.audio.base import AudioChunk


def rms(chunk: AudioChunk) -> float:
    """Root mean square of the samples, 0 to 1; 0 for an empty chunk."""
    if not chunk.frames:
        return 0.0
    return float(np.sqrt(np.mean(np.square(chunk.samples, dtype=np.float64))))


def peak(chunk: AudioChunk) -> float:
    """Largest magnitude of a sample; 0 for an empty chunk."""
    return float(np.max(np.abs(chunk.samples), initial=0.0))
