"""The border between Qt and asyncio: one loop in one background thread. No other file knows both."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from PyQt6.QtCore import QObject, pyqtSignal

from utils.errors import ArvisError

P = ParamSpec("P")

CLOSE_SECONDS = 4.0
"""How long the loop waits for cancelled work, and again for the closing coroutine."""
JOIN_SECONDS = 10.0
"""How long `stop` waits for the thread; past that the process may end without it."""

_logger = logging.getLogger(__name__)


class Bridge(QObject):
    """Carries calls from the GUI thread to the engine loop, and frozen events back as signals.

    `start`, `stop`, `run`, `call` and `run_blocking` belong to the GUI thread; `publish` may be called from any thread.
    Calls reach the loop in the order in which they were made.
    """

    #: Something was published on another thread; arrives on the GUI thread in the order of publishing.
    published = pyqtSignal(object)
    #: Work on the loop failed: code, one sentence for the user.
    failed = pyqtSignal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._stopping: asyncio.Event
        self._closing: Callable[[], Coroutine[Any, Any, object]] | None = None
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        """Start the loop; a second call does nothing."""
        if self._thread is not None:
            return
        self._started.clear()
        self._closing = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="engine-loop", daemon=True)
        self._thread.start()
        self._started.wait()

    def stop(self, closing: Callable[[], Coroutine[Any, Any, object]] | None = None) -> None:
        """Cancel what runs, run `closing`, end the loop and its thread.

        Args:
            closing: Makes the last coroutine of the loop; its failure is logged only.
        """
        if self._thread is None:
            return
        self._closing = closing
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(JOIN_SECONDS)
        if self._thread.is_alive():
            _logger.error("the engine loop did not end within %.0f seconds", JOIN_SECONDS)
        self._thread = None

    def publish(self, event: object) -> None:
        """Send an event to the GUI thread."""
        self.published.emit(event)

    def run(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine on the loop; what it raises becomes `failed`."""
        if self._thread is None:
            coroutine.close()
            return
        self._loop.call_soon_threadsafe(self._spawn, coroutine)

    def call(self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a quick function on the loop; what it raises becomes `failed`."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(lambda: function(*args, **kwargs))

    def run_blocking(self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a function that takes its time in a worker thread; what it raises becomes `failed`."""
        self.run(asyncio.to_thread(function, *args, **kwargs))

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._on_loop_error)
        self._stopping = asyncio.Event()
        self._started.set()
        await self._stopping.wait()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)
        if self._closing is not None:
            self._spawn(self._closing())
            await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)

    def _spawn(self, coroutine: Coroutine[Any, Any, object]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(error)

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self._report(error if isinstance(error, BaseException) else RuntimeError(str(context.get("message"))))

    def _report(self, error: BaseException) -> None:
        if isinstance(error, ArvisError):
            _logger.warning("%s", error.code)  # what a library says in the message may quote the user
            self.failed.emit(error.code, error.message)
            return
        _logger.error("unexpected failure on the engine loop", exc_info=error)
        self.failed.emit(
            "internal-error",
            f"Something inside Arvis went wrong ({type(error).__name__}). Try again; the log has the details.",
        )
