"""Copies of the settings file from before it was changed as a whole: `config.toml.v1.bak`, `config.toml.v2.bak.2`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from utils.files import explained, write_atomic

KEPT = 5
"""How many there are at most; the oldest goes."""
BROKEN = "broken"
"""In the place of the version where the file was no valid settings file."""


@dataclass(frozen=True, slots=True, order=True)
class Backup:
    """One copy. The higher its number, the newer it is."""

    number: int
    label: str
    """Version of the format, such as "v1", or `BROKEN`."""
    path: Path


def backups(path: Path) -> list[Backup]:
    """Those of a settings file, the oldest first.

    Raises:
        utils.files.FileError: Its folder cannot be read.
    """
    pattern = re.compile(re.escape(path.name) + rf"\.(v\d+|{BROKEN})\.bak(?:\.(\d+))?")
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise explained(path.parent, error) from error
    matches = (pattern.fullmatch(name) for name in names)
    return sorted(Backup(int(match[2] or 1), match[1], path.with_name(match[0])) for match in matches if match)


def keep(path: Path, data: bytes, label: str) -> Path:
    """Keep a copy of what is in a settings file, unless the newest copy is the same; returns the copy's path.

    Raises:
        utils.files.FileError: It cannot be written.
    """
    known = backups(path)
    if known and known[-1].label == label and _has(known[-1].path, data):
        return known[-1].path
    number = known[-1].number + 1 if known else 1
    copy = path.with_name(f"{path.name}.{label}.bak" + (f".{number}" if number > 1 else ""))
    write_atomic(copy, data)
    return copy


def prune(path: Path) -> None:
    """Remove the oldest copies beyond `KEPT`; what called for the newest one is done.

    Raises:
        utils.files.FileError: One cannot be removed.
    """
    for backup in backups(path)[:-KEPT]:
        remove(backup)


def remove(backup: Backup) -> None:
    """Remove a copy.

    Raises:
        utils.files.FileError: It cannot be removed.
    """
    try:
        backup.path.unlink(missing_ok=True)
    except OSError as error:
        raise explained(backup.path, error) from error


def _has(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False
