"""One secret in the dialog: whether it is set, and where; never what it is."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from arvis.ui.settings.catalogue import description_of, title_of
from arvis.ui.settings.jobs import Jobs
from arvis.ui.settings.row import RowFrame
from config.schema import Key
from modules.security.secrets import LONGEST, SecretStore
from utils.errors import ArvisError

OpenStore = Callable[[Callable[[str], object]], SecretStore]
"""Opens the secrets on a worker thread; is given whom to tell, with a sentence, that a keyring waits for the user."""


class SecretRow(RowFrame):
    """A secret, which can be set and removed.

    Args:
        key: The secret.
        open_store: Opens the secrets; what is asked of them may wait for the disk and for the user.
        jobs: A thread for that.
        may: Whether the user may do so now; tells him if not.
    """

    _waiting = pyqtSignal(str)

    def __init__(self, key: Key, open_store: OpenStore, jobs: Jobs, may: Callable[[], bool]) -> None:
        super().__init__(key, key.restart)
        self._open_store = open_store
        self._jobs = jobs
        self._may = may
        self._is_busy = False  # the controls stay enabled meanwhile: a disabled one loses the focus
        self.entry = QLineEdit()
        self.entry.setAccessibleName(title_of(key))
        self.entry.setEchoMode(QLineEdit.EchoMode.Password)
        self.entry.setMaxLength(LONGEST)
        self.entry.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self.entry.returnPressed.connect(self._set)
        self.entry.textChanged.connect(lambda text: self.save.setEnabled(bool(text)))
        self.save = self._button("Save", f"Save {title_of(key)}")
        self.save.setEnabled(False)
        self.save.clicked.connect(self._set)
        self.remove = self._button("Remove", f"Remove {title_of(key)}")
        self.remove.clicked.connect(self._remove)
        self._waiting.connect(self.source.setText)
        self.title.setBuddy(self.entry)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.entry, 1)
        row.addWidget(self.save)
        row.addWidget(self.remove)
        self.lay_out(row)
        self.look()

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """The line and the buttons."""
        return (self.entry, self.save, self.remove)

    def look(self) -> None:
        """Find out whether it is set, and where."""
        self._do(lambda store: None, changed=False)

    def forget_entry(self) -> None:
        """Leave nothing of what was typed."""
        self.entry.clear()

    def _button(self, text: str, name: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setAccessibleName(name)
        return button

    def _set(self) -> None:
        value = self.entry.text()
        if value and not self._is_busy and self._may():
            self.entry.clear()
            self._do(lambda store: store.set(self.key.path, value), changed=True)

    def _remove(self) -> None:
        if not self._is_busy and self._may():
            self._do(lambda store: store.delete(self.key.path), changed=True)

    def _do(self, act: Callable[[SecretStore], object], *, changed: bool) -> None:
        self.show_trouble("")
        self.source.setText("Looking for it…")
        self._is_busy = True
        name = self.key.path

        def do() -> str:
            store = self._open_store(self._waiting.emit)
            act(store)
            return store.where(name)

        self._jobs.run(do, lambda result: self._show_place(result, changed=changed))

    def _show_place(self, result: str | ArvisError, *, changed: bool) -> None:
        self._is_busy = False
        place = "" if isinstance(result, ArvisError) else result
        given = place == "environment"
        self.entry.setEnabled(not given)
        self.remove.setEnabled(bool(place) and not given)
        if isinstance(result, ArvisError):
            self.show_trouble(result.message)
            self.source.setText("Nothing was changed." if changed else "Not known.")
            self.remove.setEnabled(True)
        else:
            self._show_source_of(place)
            if changed:
                self.show_waiting(True)
        self.entry.setAccessibleDescription(" ".join((description_of(self.key), self.source.text())))
        self.entry.setPlaceholderText("A new value in its place" if place and not given else "")

    def _show_source_of(self, place: str) -> None:
        if place == "environment":
            fixed = "It cannot be changed here: change the variable, and start Arvis again."
            self.show_source(f"Given by the environment variable {self.key.variable}", fixed)
        else:
            self.show_source(f"Kept in the {place}" if place else "Not set")
