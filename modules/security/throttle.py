"""Makes guessing slow: after a few wrong tries each next one has to wait, longer each time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from modules.security.clock import boot, uptime
from utils.files import locked, write_atomic

FREE_TRIES = 3
"""Wrong tries in a row without a wait: fingers slip."""
FIRST_WAIT = 2.0
"""Seconds after the first try that was not free; each further one doubles it."""
LONGEST_WAIT = 900.0
"""Seconds: 96 tries a day at most, and yet nobody is locked out for a day by a child at the keyboard."""


def wait_after(failures: int) -> float:
    """Seconds to wait after so many wrong tries in a row."""
    beyond = failures - FREE_TRIES
    if beyond <= 0:
        return 0.0
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(beyond - 1, 20)))


class _Tries(NamedTuple):
    failures: int
    at: float
    """The clock at the last of them."""


class Throttle:
    """Counts wrong tries in a file, so that starting again does not help.

    Time is the clock of the running machine, which setting the date does not change. It begins again with the machine,
    and so does the wait.

    Args:
        path: The file; it need not exist. One that is damaged counts as none: who can damage it can delete it.
        clock: Seconds since the machine was started, the same in every process.
        run: Tells one run of the machine, and so of the clock, from the next.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = uptime, run: Callable[[], str] = boot) -> None:
        self.path = path
        self._clock = clock
        self._run = run()
        self._began = clock()

    @property
    def wait(self) -> float:
        """Seconds until the next try may be made; 0 when it may be made now."""
        tries = self._read()
        return max(0.0, wait_after(tries.failures) - max(0.0, self._clock() - tries.at))

    @property
    def failures(self) -> int:
        """Wrong tries in a row."""
        return self._read().failures

    def count(self) -> None:
        """Count one try as wrong; `forgive` takes it back.

        Raises:
            utils.files.FileError: It cannot be written down, so the try must not be made.
        """
        with locked(self.path):
            document = {"failures": self._read().failures + 1, "at": self._clock(), "run": self._run}
            write_atomic(self.path, json.dumps(document).encode() + b"\n")

    def forgive(self) -> None:
        """Begin to count again: the right passphrase was given.

        Raises:
            utils.files.FileError: It cannot be written down.
        """
        with locked(self.path):
            write_atomic(self.path, json.dumps({"failures": 0, "at": 0.0, "run": self._run}).encode() + b"\n")

    def _read(self) -> _Tries:
        try:
            document = json.loads(self.path.read_bytes())
            failures, at, run = int(document["failures"]), float(document["at"]), document["run"]
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return _Tries(0, 0.0)
        same = run == self._run and at <= self._clock()
        return _Tries(failures, at if same else self._began)
