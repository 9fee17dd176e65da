from __future__ import annotations

import pytest

from arvis.core.snapshot import BROKEN, LOADING
from arvis.ui.mode import Mode, mode_of
from modules.turn.machine import Phase


@pytest.mark.parametrize(
    ("phase", "obstacle", "muted", "mode"),
    [
        (Phase.IDLE, LOADING, False, Mode.STARTING),
        (Phase.IDLE, LOADING, True, Mode.STARTING),
        (Phase.IDLE, BROKEN, False, Mode.UNAVAILABLE),
        (Phase.IDLE, "", False, Mode.READY),
        (Phase.IDLE, "", True, Mode.MUTED),
        (Phase.LISTENING, "", False, Mode.LISTENING),
        (Phase.SPECULATIVE, "", False, Mode.SPECULATIVE),
        (Phase.COMMITTED, "", True, Mode.COMMITTED),
        (Phase.SPEAKING, "", True, Mode.SPEAKING),
    ],
)
def test_the_mode_of_everything_together(phase: Phase, obstacle: str, muted: bool, mode: Mode) -> None:
    assert mode_of(phase, obstacle, muted) is mode


def test_only_a_turn_can_be_stopped() -> None:
    assert {mode for mode in Mode if mode.is_turn} == {
        Mode.LISTENING,
        Mode.SPECULATIVE,
        Mode.COMMITTED,
        Mode.SPEAKING,
    }
