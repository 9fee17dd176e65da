"""A file of records that is only ever appended to, and that survives the end of the process at any moment."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from utils.files import explained, locked, open_append, refuse_link, write_atomic

Record = Mapping[str, Any]
_BLOCK = 65_536


class Journal:
    """Records, one JSON object a line.

    A record is committed when `append` returns. What was being written when a process died is a line without an end:
    it is never read, and the next `append` cuts it off. Several processes may append to the same file.

    Args:
        path: The file; it need not exist, and neither need its folder.
        durable: Whether a committed record also survives the machine losing its power, for some milliseconds each.
    """

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        self.path = path
        self._durable = durable

    def append(self, *records: Record) -> None:
        """Commit these records, all of them or, if the process dies, none or the first ones.

        Raises:
            utils.files.FileError: The file cannot be written, or is a link; none of them is in it.
        """
        data = b"".join(encode(record) for record in records)
        with locked(self.path):
            descriptor = open_append(self.path)
            try:
                _append(descriptor, data, durable=self._durable)
            except OSError as error:
                raise explained(self.path, error) from error
            finally:
                os.close(descriptor)

    def read(self) -> Iterator[dict[str, Any]]:
        """Every committed record, the oldest first; lines that are not JSON objects are passed over."""
        for line in self.lines():
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):  # no JSON, or brackets inside of brackets without end
                continue
            if isinstance(record, dict):
                yield record

    def lines(self) -> Iterator[bytes]:
        """Every committed line without its end, whatever is in it; nothing where there is no file.

        Raises:
            utils.files.FileError: It is there, but cannot be read.
        """
        try:
            with open(self.path, "rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield line[:-1]
        except FileNotFoundError:
            return
        except OSError as error:
            raise explained(self.path, error) from error

    def rewrite(self, records: Iterable[Record]) -> None:
        """Have exactly these records, or, if the process dies meanwhile, those there were.

        Nothing that another process appends since the caller has read the records survives this: hold
        `utils.files.locked(journal.path)` around both, which may be entered again.

        Raises:
            utils.files.FileError: The file cannot be written, or is a link.
        """
        with locked(self.path):
            write_atomic(self.path, b"".join(encode(record) for record in records))

    @property
    def size(self) -> int:
        """Bytes of the file; 0 where there is none.

        Raises:
            utils.files.FileError: It is a link, or cannot be reached.
        """
        refuse_link(self.path)
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise explained(self.path, error) from error


def encode(record: Record) -> bytes:
    """A record as its line: JSON without spaces, keys in their order, with the line's end."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace") + b"\n"


def _append(descriptor: int, data: bytes, *, durable: bool) -> None:
    end = _cut_torn_line(descriptor)
    try:
        _write_all(descriptor, data)
        if durable:
            os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):  # whoever is told that it failed may try again
            os.ftruncate(descriptor, end)
        raise


def _cut_torn_line(descriptor: int) -> int:
    """Cut off a line without an end; returns where the file ends now."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    keep = end
    while keep:
        start = max(0, keep - _BLOCK)
        os.lseek(descriptor, start, os.SEEK_SET)
        block = os.read(descriptor, keep - start)
        found = block.rfind(b"\n")
        if found >= 0:
            keep = start + found + 1
            break
        keep = start
    if keep < end:
        os.ftruncate(descriptor, keep)
    return keep


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
