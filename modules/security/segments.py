"""The files of the audit log: numbered segments, and the head that says how long the log is."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path

from modules.security.chain import Link
from utils.files import explained, write_atomic
from utils.journal import Journal

HEAD = "head.json"
_NAME = re.compile(r"audit-(\d{6})\.jsonl")
_TAIL_BYTES = 65_536
"""More than the longest record."""


class Segments:
    """Finds, names and removes the files of one log.

    Args:
        folder: Where they are; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.head_path = folder / HEAD

    def all(self) -> list[Journal]:
        """Those that exist, the oldest first. A record in them is on the disk when it is committed.

        Raises:
            utils.files.FileError: The folder cannot be read.
        """
        try:
            names = sorted(path.name for path in self.folder.iterdir() if _NAME.fullmatch(path.name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise explained(self.folder, error) from error
        return [Journal(self.folder / name, durable=True) for name in names]

    def after(self, segment: Journal | None) -> Journal:
        """The one that follows; the first one after None."""
        number = int(segment.path.stem.removeprefix("audit-")) if segment is not None else 0
        return Journal(self.folder / f"audit-{number + 1:06}.jsonl", durable=True)

    def remove(self, segment: Journal) -> None:
        """Delete a segment and the file of its lock; one that cannot be deleted stays."""
        with suppress(OSError):
            segment.path.unlink(missing_ok=True)
            segment.path.with_name(f".{segment.path.name}.lock").unlink(missing_ok=True)

    def read_head(self) -> Link | None:
        """The end of the log when its last record was written; None where that is not known."""
        try:
            document = json.loads(self.head_path.read_bytes())
            count, digest = document["count"], document["hash"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return Link(count, digest) if isinstance(count, int) and isinstance(digest, str) else None

    def write_head(self, link: Link) -> None:
        """Note the end of the log.

        Raises:
            utils.files.FileError: It cannot be written.
        """
        write_atomic(self.head_path, json.dumps({"count": link.count, "hash": link.hash}).encode() + b"\n")


def last_line(path: Path) -> bytes | None:
    """The last committed line of a file; None where there is none.

    Raises:
        utils.files.FileError: It cannot be read.
    """
    try:
        with open(path, "rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - _TAIL_BYTES))
            block = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise explained(path, error) from error
    whole, found, _ = block.rpartition(b"\n")
    return whole.rpartition(b"\n")[2] if found else None
