"""A file that is being downloaded: it grows beside its place and moves there when it is whole."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from modules.models.checksums import Expected, Hasher, digest
from utils.files import open_append, refuse_link, write_atomic


@dataclass(frozen=True, slots=True)
class Origin:
    """What the bytes are a part of."""

    url: str
    """Address that was asked for."""
    validator: str
    """Strong ETag, or date of the last change, of what was sent (RFC 9110, 8.8); empty for none."""


class PartialFile:
    """The part of a file that is here. A context manager: within it the file is open.

    What was appended survives the end of the process. Every method blocks for as long as the disk does.

    Args:
        target: Where the whole file belongs.
        expected: What is known of it.

    Raises:
        FileError: Something that it must not write through is in the way.
        OSError: The disk is full, or fails.
    """

    def __init__(self, target: Path, expected: Expected) -> None:
        self.target = target
        self.expected = expected
        self.path = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")
        self._descriptor = -1
        self._hasher: Hasher | None = None

    def __enter__(self) -> Self:
        self._descriptor = open_append(self.path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    @property
    def size(self) -> int:
        """Bytes that are here."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def origin(self) -> Origin | None:
        """What these bytes are a part of; None where that is not known."""
        try:
            note = json.loads(self._note.read_text("utf-8"))
            return Origin(str(note["url"]), str(note["validator"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def begin(self, origin: Origin) -> None:
        """Drop what is here, and remember what will be."""
        os.ftruncate(self._descriptor, 0)
        write_atomic(self._note, json.dumps(asdict(origin)).encode())
        self._hasher = self.expected.hasher()

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        hasher = self._hashed()
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        hasher.update(data)

    def is_right(self) -> bool:
        """Whether all bytes together are what they must be."""
        if self.expected.size is not None and self.size != self.expected.size:
            return False
        return self.expected.matches(self._hashed())

    def finish(self) -> None:
        """Put the file in its place, with all its bytes on the disk."""
        os.fsync(self._descriptor)
        refuse_link(self.target)
        os.replace(self.path, self.target)
        self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        """Drop what is here."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
        self._note.unlink(missing_ok=True)
        self._hasher = None

    def _hashed(self) -> Hasher:
        """The computation with everything that is here; what an earlier process left is read again."""
        if self._hasher is None:
            self._hasher = digest(self.path, self.expected.hasher())
        return self._hasher
