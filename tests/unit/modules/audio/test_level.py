"""How loud sound is."""

from __future__ import annotations

import numpy as np
import pytest

from modules.audio.level import decibels


@pytest.mark.parametrize(("level", "loudness"), [(1.0, 0.0), (0.1, -20.0), (0.0, -120.0)])
def test_power_is_told_relative_to_full_scale(level: float, loudness: float) -> None:
    assert decibels(np.full(160, level, np.float32)) == pytest.approx(loudness, abs=1e-4)
