"""A log file that only its owner can read, in a fixed number of parts of limited size."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from utils.files import FILE_MODE, FileError, locked, open_append
from utils.tracebacks import describe


class RotatingFile(logging.Handler):
    """Appends each record to a file; a full one becomes NAME.1, the one before it NAME.2, and the oldest goes.

    Several processes may write to the same file. A line that a dying process left unfinished is ended. Nobody waits for
    a lock: where a full file cannot be put aside now, it grows until it can.

    Args:
        path: The file; it need not exist, and neither need its folder.
        max_bytes: Of one file.
        files: How many there are at most, 1 or more.

    Raises:
        utils.files.FileError: It cannot be written, or is a link.
    """

    def __init__(self, path: Path, max_bytes: int, files: int) -> None:
        super().__init__()
        self._path = path
        self._max_bytes = max_bytes
        self._files = files
        self._complained = False
        self._rotating = False
        self._descriptor = self._open()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; where that fails, say so once on standard error."""
        try:
            data = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
            self._follow()
            if not self._rotating and self._is_full(len(data)):
                self._rotate(len(data))
            while data:
                data = data[os.write(self._descriptor, data) :]
        except Exception as error:  # noqa: BLE001  # whoever logs must not fail by it, whatever is raised
            self._complain(error)

    def close(self) -> None:
        """Close the file."""
        self.acquire()
        try:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
        finally:
            self.release()
        super().close()

    def _open(self) -> int:
        descriptor = open_append(self._path)
        try:
            os.fchmod(descriptor, FILE_MODE)
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                os.write(descriptor, b"\n")
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def _reopen(self) -> None:
        opened = self._open()
        os.close(self._descriptor)
        self._descriptor = opened

    def _follow(self) -> None:
        """Go on in the new file where another process has put the old one aside, or somebody has deleted it."""
        try:
            there = os.stat(self._path, follow_symlinks=False)
        except FileNotFoundError:
            self._reopen()
        else:
            if not os.path.samestat(there, os.fstat(self._descriptor)):
                self._reopen()

    def _is_full(self, more: int) -> bool:
        size = os.fstat(self._descriptor).st_size
        return size > 0 and size + more > self._max_bytes

    def _rotate(self, more: int) -> None:
        self._rotating = True  # what takes the lock may log, too
        try:
            with locked(self._path, seconds=0):
                self._put_aside(more)
        except (FileError, OSError) as error:
            if not (isinstance(error, FileError) and error.code == "locked"):  # else another process is at it
                self._complain(error)
        finally:
            self._rotating = False

    def _put_aside(self, more: int) -> None:
        self._follow()
        if not self._is_full(more):  # another process was faster
            return
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in range(1, self._files))]
        if len(names) == 1:
            os.unlink(self._path)
        for older, newer in zip(reversed(names[1:]), reversed(names[:-1]), strict=True):
            if newer.exists():
                os.replace(newer, older)
        self._reopen()

    def _complain(self, error: Exception) -> None:
        if not self._complained and sys.stderr is not None:
            self._complained = True
            sys.stderr.write(f"arvis: the log cannot be written any more ({describe(error)})\n")
