"""The files of the metrics: names, order, sizes."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from utils.files import explained

_NAME = re.compile(r"metrics-(\d{6,})\.(jsonl|csv)")


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """A part of the history: `metrics-000001.jsonl` holds its samples, `metrics-000001.csv` its summary by hours."""

    number: int
    folder: Path

    @property
    def samples(self) -> Path:
        """The file of the samples."""
        return self.folder / f"metrics-{self.number:06}.jsonl"

    @property
    def summary(self) -> Path:
        """The file of the summary; it is made when the segment is full."""
        return self.folder / f"metrics-{self.number:06}.csv"


def segments(folder: Path, kind: str = "jsonl") -> list[Segment]:
    """Those that have a file of this kind, the oldest first; links and folders are none.

    Raises:
        utils.files.FileError: The folder is there, but cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            names = [_NAME.fullmatch(entry.name) for entry in entries if entry.is_file(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise explained(folder, error) from error
    return sorted(Segment(int(name[1]), folder) for name in names if name is not None and name[2] == kind)


def size(path: Path) -> int:
    """Bytes of a file; 0 where there is none any more."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def remove(path: Path) -> None:
    """Remove a file of the metrics and the lock beside it; nobody else may be writing."""
    path.unlink(missing_ok=True)
    path.with_name(f".{path.name}.lock").unlink(missing_ok=True)
