from __future__ import annotations

from pathlib import Path

import pytest

from tests.killing import ROUNDS, kill_while_writing


@pytest.mark.parametrize("scene", ["journal", "audit", "settings", "notifications", "metrics", "models", "history"])
def test_nothing_that_was_committed_is_lost(scene: str, tmp_path: Path) -> None:
    kills = kill_while_writing(f"tests.integration.kills.{scene}_scene", tmp_path)

    assert kills.rounds == ROUNDS
    assert kills.committed >= ROUNDS
