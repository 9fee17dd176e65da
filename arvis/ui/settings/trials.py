"""Trying out what is set: the microphone, the voice, the model."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout

from arvis.ui.level_meter import loudness
from arvis.ui.settings.jobs import Jobs
from arvis.ui.settings.row import wrapped
from modules.security.roles import Permission
from utils.errors import ArvisError

Run = Callable[[Callable[[float], object], threading.Event], str]
"""Tries it on a worker thread. Is given whom to tell how loud it is (root mean square, 0 to 1; called on any thread)
and what is set when nobody waits any more; returns a sentence for the user, or raises an ArvisError."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Something that can be tried out."""

    group: str
    """The group of settings to which it belongs, for example "Sound"."""
    title: str
    """What the button says, for example "Test the microphone"."""
    run: Run
    permission: Permission
    """What the user must be allowed to do."""
    has_level: bool = False
    """Whether it tells how loud it is."""


class TrialPanel(QFrame):
    """A button that tries something out, and what came of it.

    Args:
        trial: What is tried out.
        jobs: A thread for it.
        may: Whether this may be done now; tells the user if not.
    """

    _heard = pyqtSignal(float)

    def __init__(self, trial: Trial, jobs: Jobs, may: Callable[[Permission], bool]) -> None:
        super().__init__()
        self.setObjectName("setting")
        self._trial = trial
        self._jobs = jobs
        self._may = may
        self._over = threading.Event()
        self._is_running = False  # the button stays enabled meanwhile: a disabled one loses the focus
        self.button = QPushButton(trial.title)
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._start)
        self.level = QProgressBar()
        self.level.setObjectName("level")
        self.level.setAccessibleName("Loudness")
        self.level.setRange(0, 100)
        self.level.setTextVisible(False)
        self.result = wrapped("", "small")
        self.result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.result.hide()
        self._heard.connect(self._show_level)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.button)
        if trial.has_level:
            row.addWidget(self.level, 1)
        else:
            row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.result)

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self._over.set()

    def _start(self) -> None:
        if self._is_running or not self._may(self._trial.permission):
            return
        over = self._over = threading.Event()
        self._is_running = True
        self._tell("One moment…")
        self._jobs.run(lambda: self._trial.run(self._heard.emit, over), self._finish)

    def _finish(self, result: str | ArvisError) -> None:
        self._is_running = False
        self.level.setValue(0)
        self._tell(result.message if isinstance(result, ArvisError) else result)

    def _tell(self, sentence: str) -> None:
        self.result.setText(sentence)
        self.result.setVisible(bool(sentence))
        self.button.setAccessibleDescription(sentence)

    def _show_level(self, rms: float) -> None:
        self.level.setValue(round(100 * loudness(rms)))
