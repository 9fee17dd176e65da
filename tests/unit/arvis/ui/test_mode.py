from __future__ import annotations

import pytest

from arvis.core.snapshot import BROKEN, Snapshot
from arvis.ui.mode import Mode, mode_of
from modules.turn.machine import Overlap, Phase


@pytest.mark.parametrize(
    ("phase", "loading", "obstacle", "muted", "mode"),
    [
        (Phase.IDLE, True, "", False, Mode.STARTING),
        (Phase.IDLE, True, "", True, Mode.MUTED),
        (Phase.LISTENING, True, "", False, Mode.LISTENING),
        (Phase.COMMITTED, True, "", False, Mode.COMMITTED),
        (Phase.IDLE, False, BROKEN, False, Mode.UNAVAILABLE),
        (Phase.IDLE, False, BROKEN, True, Mode.UNAVAILABLE),
        (Phase.IDLE, False, "", False, Mode.READY),
        (Phase.IDLE, False, "", True, Mode.MUTED),
        (Phase.LISTENING, False, "", False, Mode.LISTENING),
        (Phase.SPECULATIVE, False, "", False, Mode.SPECULATIVE),
        (Phase.COMMITTED, False, "", True, Mode.COMMITTED),
        (Phase.SPEAKING, False, "", True, Mode.SPEAKING),
    ],
)
def test_the_mode_of_everything_together(phase: Phase, loading: bool, obstacle: str, muted: bool, mode: Mode) -> None:
    snapshot = Snapshot()
    snapshot.phase, snapshot.loading, snapshot.obstacle = phase, loading, obstacle
    assert mode_of(snapshot, muted) is mode


@pytest.mark.parametrize(
    ("overlap", "mode"),
    [(Overlap.NONE, Mode.SPEAKING), (Overlap.DUCKED, Mode.DUCKED), (Overlap.PAUSED, Mode.PAUSED)],
)
def test_speech_over_an_answer_is_a_mode(overlap: Overlap, mode: Mode) -> None:
    snapshot = Snapshot()
    snapshot.phase, snapshot.overlap = Phase.SPEAKING, overlap
    assert mode_of(snapshot, muted=False) is mode


def test_only_the_users_own_turn_is_heard() -> None:
    assert {mode for mode in Mode if mode.hears} == {Mode.LISTENING, Mode.SPECULATIVE}


def test_only_a_turn_can_be_stopped() -> None:
    assert {mode for mode in Mode if mode.is_turn} == {
        Mode.LISTENING,
        Mode.SPECULATIVE,
        Mode.COMMITTED,
        Mode.SPEAKING,
        Mode.DUCKED,
        Mode.PAUSED,
    }
