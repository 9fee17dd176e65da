"""Exceptions that nobody caught."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSignal

_logger = logging.getLogger(__name__)


class CrashReporter(QObject):
    """Logs an exception that left a slot or a thread, and tells the user.

    PyQt ends the process for an exception in a slot unless `sys.excepthook` was replaced.
    """

    #: Something went wrong: one sentence for the user. Emitted on the thread where it did.
    crashed = pyqtSignal(str)

    def install(self) -> None:
        """Take the place of the interpreter's own hooks."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def uninstall(self) -> None:
        """Give the interpreter its own hooks back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _on_exception(self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        _logger.error("uncaught exception", exc_info=(kind, error, traceback))
        self.crashed.emit(f"Something inside Arvis went wrong ({kind.__name__}). The log has the details.")

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)
