"""How loud sound is."""

from __future__ import annotations

import numpy as np

from modules.audio.base import Samples


def decibels(samples: Samples) -> float:
    """Mean power relative to full scale, in decibels; -120 for silence."""
    return float(10.0 * np.log10(float(np.mean(samples.astype(np.float64) ** 2)) + 1e-12))
