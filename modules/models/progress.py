"""How far an installation has come, how fast it is, and how long it will take."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

WINDOW_SECONDS = 8.0
"""What the rate is a mean of: short enough to follow the line, long enough not to jump."""
INTERVAL_SECONDS = 0.1
"""The shortest time between two reports of the same phase."""


class Phase(StrEnum):
    """What is being done."""

    WAITING = "waiting"
    """Another process installs the same model."""
    CHECKING = "checking"
    """What is here already is compared with its checksums, or the source is asked what it has."""
    DOWNLOADING = "downloading"
    INSTALLING = "installing"
    """The files are taken out of packages, copied, and put in their place."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """A report."""

    model: str
    """ID of the model."""
    phase: Phase
    done: int = 0
    """Bytes that are here."""
    total: int = 0
    """Bytes that there will be; 0 where that is not known."""
    rate: float = 0.0
    """Bytes a second, a mean of the last seconds."""
    source: str = ""
    """Where it comes from, in words."""

    @property
    def fraction(self) -> float | None:
        """The part that is done, 0 to 1; None where the total is not known."""
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at this rate; None where that cannot be told."""
        return max(0.0, (self.total - self.done) / self.rate) if self.total and self.rate > 0 else None


ProgressObserver = Callable[[Progress], object]


class RateMeter:
    """A mean of the last seconds.

    Args:
        clock: Seconds, growing.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, done: int) -> float:
        """Note how many bytes are here now, and return the bytes a second; 0 until two moments are known."""
        now = self._clock()
        if self._seen and done < self._seen[-1][1]:  # it began anew
            self._seen.clear()
        self._seen.append((now, done))
        while now - self._seen[0][0] > WINDOW_SECONDS and len(self._seen) > 2:
            self._seen.popleft()
        first, before = self._seen[0]
        seconds = now - first
        return (done - before) / seconds if seconds > 0 else 0.0


class Tracker:
    """Adds up what is here of the things that a source consists of, and reports it, not too often.

    Args:
        model: ID of the model.
        observer: Gets the reports; None where nobody wants them.
        clock: Seconds, growing.
    """

    def __init__(self, model: str, observer: ProgressObserver | None, clock: Callable[[], float]) -> None:
        self._model = model
        self._observer = observer
        self._clock = clock
        self._meter = RateMeter(clock)
        self._done: dict[str, int] = {}
        self._total = 0
        self._source = ""
        self._last: tuple[Phase, float] | None = None

    def begin(self, source: str, total: int) -> None:
        """A source is tried that will bring so many bytes, 0 where that is not known."""
        self._source, self._total = source, total
        self._done.clear()
        self._meter = RateMeter(self._clock)

    def expect(self, total: int) -> None:
        """Correct how many bytes there will be."""
        self._total = total

    def at(self, name: str, done: int, phase: Phase = Phase.DOWNLOADING) -> None:
        """So many bytes of a thing are here now."""
        self._done[name] = done
        self.phase(phase)

    def phase(self, phase: Phase) -> None:
        """Report, unless the same phase was reported a moment ago."""
        if self._observer is None:
            return
        now, done = self._clock(), sum(self._done.values())
        if self._last is not None and phase is self._last[0] and now - self._last[1] < INTERVAL_SECONDS:
            return
        self._last = phase, now
        rate = self._meter.note(done) if phase is Phase.DOWNLOADING else 0.0
        self._observer(Progress(self._model, phase, done, self._total, rate, self._source))
