"""Writes the audit log for those who must not wait for the disk."""

from __future__ import annotations

import logging
import queue
import threading
from typing import Protocol

from modules.security.events import Event, Field, checked
from utils.files import FileError

WAITING = 1000
"""Events that wait for a disk that does not answer; further ones are lost, and counted."""
_logger = logging.getLogger(__name__)


class Log(Protocol):
    """What is written to."""

    def record(self, event: str, **fields: Field) -> None:
        """Write down that something happened."""
        ...


class Recorder:
    """Takes events on any thread, and writes them in their order on its own, which begins with the first event.

    Args:
        log: The log.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._events: queue.Queue[tuple[str, dict[str, Field]] | None] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()
        self._lost = 0
        self._closed = False

    def record(self, event: str, **fields: Field) -> None:
        """Have it written down soon; after `close` nothing is.

        Raises:
            ValueError: The event or a field may not be written down.
            TypeError: A field has no simple value.
        """
        fields = checked(event, fields)
        with self._guard:
            if self._closed:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="audit", daemon=True)
                self._thread.start()
            try:
                self._events.put_nowait((event, fields))
            except queue.Full:
                self._lost += 1

    def close(self, seconds: float = 2.0) -> bool:
        """Write what waits; False when the disk took longer than so many seconds."""
        with self._guard:
            thread, self._closed = self._thread, True
        if thread is None:
            return True
        try:
            self._events.put(None, timeout=seconds)
        except queue.Full:
            return False
        thread.join(seconds)
        return not thread.is_alive()

    def _write(self) -> None:
        while (entry := self._events.get()) is not None:
            try:
                if lost := self._lost:
                    self._log.record(Event.RECORDS_LOST, count=lost)
                    self._lose(-lost)
                self._log.record(entry[0], **entry[1])
            except FileError as error:
                if not self._lost:
                    _logger.warning("the audit log is not written: %s", error)
                self._lose(1)

    def _lose(self, count: int) -> None:
        with self._guard:
            self._lost += count
