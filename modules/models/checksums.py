"""What a file must be: its size, and a checksum of one of the kinds that catalogue, index and hub tell."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_BLOCK_BYTES = 1 << 20


class Hasher(Protocol):
    """What `hashlib` makes."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""

    def hexdigest(self) -> str:
        """The checksum of all bytes so far."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a file before it is here."""

    size: int | None = None
    """Bytes."""
    sha256: str | None = None
    """Lower case hex."""
    git: str | None = None
    """The name that git gives to the content (SHA-1 over a header and the content), for which `size` must be known."""

    @property
    def checkable(self) -> bool:
        """Whether there is a checksum."""
        return self.sha256 is not None or (self.git is not None and self.size is not None)

    def hasher(self) -> Hasher:
        """A new computation of the kind of checksum that is known."""
        if self.sha256 is None and self.git is not None and self.size is not None:
            # It is compared with what the hub tells; nothing is protected by it against the hub.
            return hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)
        return hashlib.sha256()

    def matches(self, hasher: Hasher) -> bool:
        """Whether the bytes that `hasher` was given are the right ones; true where no checksum is known."""
        wanted = self.sha256 if self.sha256 is not None else self.git if self.size is not None else None
        return wanted is None or hasher.hexdigest() == wanted


def is_right(path: Path, expected: Expected) -> bool:
    """Whether a file is what it must be; every byte is read. A file that is missing or cannot be read is not."""
    try:
        if expected.size is not None and path.stat().st_size != expected.size:
            return False
        return expected.matches(digest(path, expected.hasher()))
    except OSError:
        return False


def digest(path: Path, hasher: Hasher) -> Hasher:
    """Give a file to a computation.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            hasher.update(block)
    return hasher
