"""The buffer between an audio callback and the event loop."""

from __future__ import annotations

import numpy as np

from modules.audio.base import Samples


class RingBuffer:
    """A ring of float32 samples for one writing and one reading thread, without locks.

    Each thread changes its own position only, after the samples were copied, so that neither ever waits for the
    other and neither sees half-written samples. Reading and writing copy into memory that exists already.

    Args:
        capacity: Samples that fit in.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a ring buffer holds at least one sample, not {capacity}")
        self._data = np.zeros(capacity, np.float32)
        self._capacity = capacity
        self._written = 0
        self._read = 0
        self._overruns = 0

    @property
    def written(self) -> int:
        """Samples written since the beginning: the position of the next one to be written."""
        return self._written

    @property
    def read(self) -> int:
        """Samples read or discarded since the beginning: the position of the next one to be read."""
        return self._read

    @property
    def available(self) -> int:
        """Samples that wait to be read."""
        return self._written - self._read

    @property
    def free(self) -> int:
        """Samples that fit in now."""
        return self._capacity - self.available

    @property
    def overruns(self) -> int:
        """How many writes did not fit and lost samples."""
        return self._overruns

    def write(self, samples: Samples) -> int:
        """Append what fits and return how many samples that was; the rest is lost and counted as one overrun.

        Only for the writing thread.
        """
        wanted = len(samples)
        count = min(wanted, self.free)
        if count < wanted:
            self._overruns += 1
        start = self._written % self._capacity
        first = min(count, self._capacity - start)
        self._data[start : start + first] = samples[:first]
        self._data[: count - first] = samples[first:count]
        self._written += count
        return count

    def read_into(self, out: Samples) -> int:
        """Move up to `len(out)` samples to the beginning of `out` and return how many; only for the reading thread."""
        count = self.peek_into(out)
        self._read += count
        return count

    def peek_into(self, out: Samples) -> int:
        """Copy up to `len(out)` samples as `read_into` does, and leave them; only for the reading thread."""
        count = min(len(out), self.available)
        start = self._read % self._capacity
        first = min(count, self._capacity - start)
        out[:first] = self._data[start : start + first]
        out[first:count] = self._data[: count - first]
        return count

    def discard_to(self, position: int) -> None:
        """Skip unread samples up to `position`, as counted by `written`; only for the reading thread."""
        self._read = max(self._read, min(position, self._written))
