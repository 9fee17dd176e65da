"""The X server, as far as a global key needs it."""

from __future__ import annotations

import importlib
from typing import Any


class X11Screen:
    """Connects to the server that the environment variable DISPLAY names; nothing is imported before it is needed."""

    def import_keyboard(self) -> Any:
        """The module pynput.keyboard.

        Raises:
            ImportError: It is missing, or the server cannot be reached: pynput connects when it is imported.
        """
        return importlib.import_module("pynput.keyboard")

    def can_record(self) -> bool:
        """Whether the server can be reached and has the RECORD extension, without which a listener waits for ever."""
        display = self._connect()
        if display is None:
            return False
        try:
            return bool(display.has_extension("RECORD"))
        finally:
            display.close()

    def end_recording(self, listener: Any) -> None:
        """End what a listener records.

        pynput asks for this itself, but through the connection that is busy recording, where the request stays until
        the next key comes; until then its thread would go on.
        """
        display = self._connect()
        if display is None:
            return
        display.set_error_handler(lambda *_: None)  # the listener may have ended it in the meantime
        display.record_disable_context(listener._context)
        display.sync()
        display.close()

    def _connect(self) -> Any:
        errors = importlib.import_module("Xlib.error")
        try:
            return importlib.import_module("Xlib.display").Display()
        except errors.DisplayError:
            return None
