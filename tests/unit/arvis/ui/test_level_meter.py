from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from arvis.ui.level_meter import HISTORY, LevelMeter, loudness
from arvis.ui.theme import Theme


@pytest.mark.parametrize(
    ("rms", "height"), [(0.0, 0.0), (-1.0, 0.0), (0.0005, 0.0), (1.0, 1.0), (2.0, 1.0), (0.1, 0.636), (0.01, 0.273)]
)
def test_loudness_is_even_to_the_ear(rms: float, height: float) -> None:
    assert loudness(rms) == pytest.approx(height, abs=0.001)


@pytest.mark.parametrize("toward_left", [True, False])
def test_the_newest_bar_is_next_to_the_button(qtbot: QtBot, theme: Theme, toward_left: bool) -> None:
    meter = LevelMeter(theme, toward_left=toward_left)
    qtbot.addWidget(meter)
    meter.resize(160, 60)
    meter.add(0.001)
    meter.add(1.0)
    image = meter.grab().toImage()
    ground = image.pixelColor(80, 2)
    near, far = (156, 3) if toward_left else (3, 156)
    assert image.pixelColor(near, 12) != ground
    assert image.pixelColor(far, 12) == ground


def test_it_forgets_old_levels_and_is_cleared(qtbot: QtBot, theme: Theme) -> None:
    meter = LevelMeter(theme, toward_left=False)
    qtbot.addWidget(meter)
    for _ in range(200):
        meter.add(1.0)
    assert meter.levels == (1.0,) * HISTORY
    meter.clear()
    assert meter.levels == ()
    assert meter.accessibleName() == "Microphone level"
    assert meter.minimumSizeHint().width() < 60 < meter.sizeHint().width()
