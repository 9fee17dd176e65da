"""What takes its time, done one after the other on a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from utils.errors import ArvisError

T = TypeVar("T")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job(Generic[T]):
    act: Callable[[], T]
    then: Callable[[T | ArvisError], None]


class Jobs(QObject):
    """Does jobs in the order in which they were given; its thread is there only while there is something to do.

    Args:
        name: Of the thread.
        waits: Whether the program waits at its end for what is under way and for what is still to be done.
        parent: Qt parent.
    """

    _finished = pyqtSignal(object, object)

    def __init__(self, name: str, *, waits: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._waits = waits
        self._lock = threading.Lock()
        self._queue: deque[_Job[Any]] = deque()
        self._is_running = False
        self.pending = 0
        """How many jobs are not done, or their ends not told yet."""
        self._finished.connect(self._deliver)

    def run(self, act: Callable[[], T], then: Callable[[T | ArvisError], None]) -> None:
        """Do something on the thread, and tell here what came of it.

        Args:
            act: Called on the thread.
            then: Called on the GUI thread with what `act` returned, or with the error that it raised.
        """
        self.pending += 1
        with self._lock:
            self._queue.append(_Job(act, then))
            if self._is_running:
                return
            self._is_running = True
        threading.Thread(target=self._work, name=self._name, daemon=not self._waits).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    self._is_running = False
                    return
                job = self._queue.popleft()
            result = _outcome(job.act)
            with suppress(RuntimeError):  # the dialog was deleted meanwhile, and nobody wants to know any more
                self._finished.emit(job.then, result)

    @pyqtSlot(object, object)
    def _deliver(self, then: Callable[[object], None], result: object) -> None:
        self.pending -= 1
        then(result)


def _outcome(act: Callable[[], T]) -> T | ArvisError:
    try:
        return act()
    except ArvisError as error:
        return error
    except Exception as error:
        _logger.error("unexpected failure of a job of the settings dialog", exc_info=error)
        return ArvisError(
            "internal-error",
            f"Something inside Arvis went wrong ({type(error).__name__}). Try again; the log has the details.",
        )
