"""Offline is offline: nothing of a spoken turn needs a network, and nothing reaches one that must not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
NO_NETWORK = ("unshare", "--user", "--net", "--map-root-user")
"""Runs a command where there is no network at all, not even the loopback."""


@cache
def can_unshare() -> bool:
    return shutil.which("unshare") is not None and subprocess.run([*NO_NETWORK, "true"], check=False).returncode == 0


def watched(name: str, prefix: tuple[str, ...] = ()) -> dict[str, Any]:
    """What happened in a process in which every use of a network is seen."""
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "tests.integration.offline.watched", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(seen, dict)
    return seen


def test_a_whole_spoken_turn_needs_no_network() -> None:
    # Audit hooks see Python only. Where the system lets us, native code has no network either.
    seen = watched("spoken-turn", NO_NETWORK if can_unshare() else ())
    assert seen["attempts"] == []
    assert seen["errors"] == []
    assert "paris" in seen["answer"].lower()
    assert seen["spoken_seconds"] > 0.5


@pytest.mark.skipif(not can_unshare(), reason="this system lets no user make a network namespace of his own")
def test_there_really_is_no_network() -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 1), 1)"
    done = subprocess.run([*NO_NETWORK, sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Network is unreachable" in done.stderr or "Cannot assign requested address" in done.stderr


def test_offline_every_way_to_another_machine_is_refused_before_anything_is_looked_up() -> None:
    seen = watched("refused")
    assert seen["errors"] == ["OfflineError offline"] * 5
    assert seen["attempts"] == []


def test_offline_code_that_knows_nothing_of_it_is_stopped_at_the_socket_and_this_machine_is_not() -> None:
    seen = watched("stopped")
    assert seen["errors"] == ["OfflineError offline"] * 8
    assert seen["answer"] == "reached"
