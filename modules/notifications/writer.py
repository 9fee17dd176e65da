"""The thread that writes: what has to wait for a disk is done there, in its order."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

Job = Callable[[], object]


class Writer:
    """Does jobs one after the other on a thread of its own, which begins with the first one.

    Nobody has to wait for the thread, not even the end of the program: a disk may never answer.

    Args:
        look: Done again and again while there are no jobs.
        pause: Says how many seconds pass between two looks; None to do none until the next job.
    """

    def __init__(self, look: Job, pause: Callable[[], float | None]) -> None:
        self._look = look
        self._pause = pause
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, job: Job) -> bool:
        """Have it done soon; False after `close`."""
        with self._guard:
            if self._closed:
                return False
            self._jobs.put(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="notifications", daemon=True)
                self._thread.start()
        return True

    def wait(self) -> None:
        """Return when everything is done that was submitted before; at once after `close`."""
        done = threading.Event()
        if self.submit(done.set):
            done.wait()

    def close(self, seconds: float) -> bool:
        """Do what waits, and end; False when that takes longer than so many seconds, which is left to the thread."""
        with self._guard:
            thread, self._closed = self._thread, True
            self._jobs.put(None)
        if thread is None:
            return True
        thread.join(seconds)
        return not thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=self._pause())
            except queue.Empty:
                job = self._look
            if job is None:
                return
            try:
                job()
            except Exception:  # one that fails must not end the thread on which all others wait
                log.exception("what was to be written was not")
