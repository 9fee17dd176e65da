"""Writes what the user changes to the settings file, and reads back what is in force then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from arvis.ui.settings.jobs import Jobs
from arvis.ui.settings.standing import Standing, standings
from config.loader import Loaded, reload
from config.schema import keys
from utils.errors import ArvisError


@dataclass(frozen=True, slots=True)
class _Read:
    loaded: Loaded
    standings: Mapping[str, Standing]


class Changes(QObject):
    """The way from the dialog to the settings file and back; nothing here waits for the disk.

    Args:
        loaded: The settings as they were read last.
        parent: Qt parent.
    """

    #: The settings were read again: where each of them stands, by its path.
    read = pyqtSignal(object)
    #: Nothing was changed of these settings (a tuple of paths); carries one sentence, too.
    refused = pyqtSignal(tuple, str)
    #: These settings were written (a tuple of paths).
    written = pyqtSignal(tuple)

    def __init__(self, loaded: Loaded, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.loaded = loaded
        self._jobs = Jobs("settings", waits=True, parent=self)  # a change that was shown to be made is made

    @property
    def pending(self) -> int:
        """How many changes are not written and read back yet."""
        return self._jobs.pending

    def put(self, path: str, value: Any) -> None:
        """Give a setting a value that is allowed."""
        self._do((path,), lambda writer: writer.change(self.loaded.path, {path: value}))

    def unset(self, path: str) -> None:
        """Give a setting its default again."""
        self._do((path,), lambda writer: writer.change(self.loaded.path, unset=(path,)))

    def reset(self, paths: Iterable[str]) -> None:
        """Give settings their defaults again; a copy of the file is kept."""
        names = tuple(paths)
        self._do(names, lambda writer: writer.reset(self.loaded.path, names))

    def look(self) -> None:
        """Read the settings again: somebody else may have changed them."""
        self._jobs.run(self._read, lambda result: self._on_read((), result))

    def _do(self, paths: tuple[str, ...], act: Callable[[Any], object]) -> None:
        def write() -> _Read:
            from config import writer

            act(writer)
            return self._read()

        self._jobs.run(write, lambda result: self._on_read(paths, result))

    def _read(self) -> _Read:
        from config.validation import is_valid

        any_key = next(iter(keys().values()))
        is_valid(any_key, any_key.default)  # loads what checks values, so that the first key that is typed need not
        loaded = reload(self.loaded)
        return _Read(loaded, standings(loaded))

    def _on_read(self, paths: tuple[str, ...], result: _Read | ArvisError) -> None:
        if isinstance(result, ArvisError):
            self.refused.emit(paths, result.message)
            return
        self.loaded = result.loaded
        if paths:
            self.written.emit(paths)
        if not self.pending:  # otherwise a later change would be undone on the screen for a moment
            self.read.emit(result.standings)
