"""Turns the long output of a package manager or a compiler into a line now and then.

As a command: `python -m scripts.progress apt` reads that output from standard input.
"""

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PERCENT_STEP = 10
"""Percent between two lines."""

NINJA_STEP = re.compile(r"^\s*\[(\d+)/(\d+)\]")
APT_TOTAL = re.compile(r"(\d+) newly installed")
APT_STEP = re.compile(r"(?:Unpacking|Setting up) ")


@dataclass
class Progress:
    """Counts steps and says, at every tenth of the way, how far they are and since when."""

    what: str
    clock: Callable[[], float] = time.monotonic
    _started: float = field(init=False)
    _shown: int = field(default=0, init=False)
    """Percent in the last line."""

    def __post_init__(self) -> None:
        self._started = self.clock()

    def at(self, done: int, total: int) -> str | None:
        """The line to show when `done` of `total` steps are done, or None while too little has changed."""
        percent = 100 * done // total
        if percent < self._shown + PERCENT_STEP:
            return None
        self._shown = percent - percent % PERCENT_STEP
        return f"        {self.what}: {percent:3d} % after {self.clock() - self._started:.0f} s"


class Ninja:
    """Reads the `[12/83]` that the build tool Ninja puts before every command."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def feed(self, line: str) -> str | None:
        """The line to show after this line of output, or None."""
        match = NINJA_STEP.match(line)
        return self._progress.at(int(match[1]), int(match[2])) if match else None


class Apt:
    """Counts the packages that apt-get unpacks and sets up."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._total = 0
        self._done = 0

    def feed(self, line: str) -> str | None:
        """The line to show after this line of output, or None."""
        if match := APT_TOTAL.search(line):
            self._total = 2 * int(match[1])
        elif self._total and APT_STEP.match(line):
            self._done += 1
            return self._progress.at(min(self._done, self._total), self._total)
        return None


READERS: dict[str, Callable[[Progress], Ninja | Apt]] = {"apt": Apt, "ninja": Ninja}


def main(arguments: list[str]) -> int:
    """Show the progress of the output that comes through standard input."""
    if len(arguments) != 1 or arguments[0] not in READERS:
        print("usage: python -m scripts.progress apt|ninja", file=sys.stderr)
        return 2
    reader = READERS[arguments[0]](Progress("done"))
    for line in sys.stdin:
        if message := reader.feed(line):
            print(message, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
