"""Kills a process at random moments while it writes, and looks whether everything that it had committed is there.

A scene is a module with two functions:

    write(folder, committed)      writes into `folder` for ever, and calls `committed(text)` after each commit
    verify(folder, committed)     asserts that everything committed so far, in this and earlier rounds, is there

Each round is a new process, forked from one that has imported the scene already, so a round takes milliseconds.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROUNDS = 200
LONGEST_SECONDS = 0.02
"""The process is killed at a moment between its first commit and this much later."""
HUNG_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Kills:
    """What was done."""

    rounds: int
    committed: int


def kill_while_writing(scene: str, folder: Path, rounds: int = ROUNDS, seed: int = 1) -> Kills:
    """Kill the writer of a scene so many times; fails with what was found wrong.

    Args:
        scene: Dotted name of the module, which must start no threads when it is imported.
        folder: An empty folder.
        rounds: How many processes are killed.
        seed: Of the moments.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.killing", scene, str(folder), str(rounds), str(seed)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return Kills(**json.loads(done.stdout.splitlines()[-1]))


def _round(write: Callable[..., Any], folder: Path, chance: random.Random) -> list[str]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            write(folder, lambda text: os.write(writer, text.encode() + b"\n"))
        finally:  # it never returns by itself
            os._exit(1)
    os.close(writer)
    ready, _, _ = select.select([reader], [], [], HUNG_SECONDS)
    time.sleep(chance.uniform(0, LONGEST_SECONDS))  # the moment is what is tested
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with open(reader, "rb") as pipe:
        told = pipe.read()
    assert ready, "the writer committed nothing"
    assert os.WIFSIGNALED(status), f"the writer ended by itself: {status}"
    # A commit is told in one short write, so only whole lines are there.
    return told.decode().splitlines()


def main(scene: str, folder: str, rounds: str, seed: str) -> None:
    """Kill so many writers of a scene, one after the other, and verify after each."""
    module = importlib.import_module(scene)
    chance = random.Random(int(seed))
    committed: list[str] = []
    for _ in range(int(rounds)):
        committed += _round(module.write, Path(folder), chance)
        module.verify(Path(folder), committed)
    sys.stdout.write(json.dumps(asdict(Kills(int(rounds), len(committed)))) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
