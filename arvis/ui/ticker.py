"""The clock of moving pictures."""

from __future__ import annotations

import time

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QWidget

FRAME_MS = 33
"""Milliseconds between two pictures."""


class Ticker(QTimer):
    """Repaints a widget while there is something to move and somebody can see it.

    Args:
        widget: The widget; it calls `follow` when it is shown or hidden.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._wanted = False
        self.setInterval(FRAME_MS)
        self.timeout.connect(widget.update)

    @property
    def seconds(self) -> float:
        """The time for pictures."""
        return time.monotonic()

    def want(self, wanted: bool) -> None:
        """Say whether anything moves."""
        self._wanted = wanted
        self.follow()

    def follow(self) -> None:
        """Run or rest, as the widget is seen or not."""
        if self._wanted and self._widget.isVisible():
            if not self.isActive():
                self.start()
        else:
            self.stop()
