"""Brings the settings file to the present version of its format, and back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config import backups
from config.backups import BROKEN, Backup
from config.migrations import STEPS
from config.problem import SettingsError
from config.schema import VERSION, VERSION_KEY
from config.settings_file import SettingsFile, content, unsafe, version_of
from utils.files import locked, write_atomic

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


@dataclass(frozen=True, slots=True)
class Migrated:
    """What became of a file of an earlier version."""

    before: int
    after: int
    backup: Path
    """The file as it was."""


def migrate(path: Path) -> Migrated | None:
    """Bring a settings file to the present version; None where it has it already, or is not there.

    Raises:
        SettingsError: It cannot be read, is not valid, or is of a later version; it is as it was.
        utils.files.FileError: It cannot be written; it is as it was.
    """
    with locked(path):
        file = SettingsFile.read(path)
        done = bring_up(file)
        if done:
            file.write()
            backups.prune(path)
    return done


def bring_up(file: SettingsFile, *, force: bool = False) -> Migrated | None:
    """Bring the document of a file to the present version, and keep a copy of the file; write and prune are left to do.

    Args:
        file: The file; its lock is held.
        force: Whether a file of a later version is left as it is, instead of being refused.

    Raises:
        SettingsError: It says no version, or a later one, or a step fails.
        utils.files.FileError: The copy cannot be written.
    """
    before = file.version
    if before > VERSION and not force:
        raise SettingsError(
            "newer-version",
            f"{file.path} is of version {before}, and this Arvis knows up to {VERSION}. Install a newer Arvis, "
            "or use --force to write to the file all the same.",
        )
    if before >= VERSION:
        return None
    file.document = upgraded(file.document, str(file.path))
    assert file.before is not None  # a file that is not there has the present version
    return Migrated(before, VERSION, backups.keep(file.path, file.before, f"v{before}"))


def upgraded(document: TOMLDocument, place: str) -> TOMLDocument:
    """A document of an earlier version as one of the present version; one of a later version as it is.

    Raises:
        SettingsError: It says no version, or a step fails; `place` is named.
    """
    from tomlkit.exceptions import TOMLKitError

    before = version_of(document, place)
    try:
        for version in range(before, VERSION):
            document = STEPS[version](document)
            document[VERSION_KEY] = version + 1
    except (TOMLKitError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise unsafe(place) from error
    return document


def roll_back(path: Path, number: int | None = None) -> Backup:
    """Put a copy back in the place of the settings file; what the file has had becomes a copy in its turn.

    Args:
        path: The settings file.
        number: Which copy; None for the newest.

    Returns:
        The copy that was put back; it is in the file now, and no longer beside it.

    Raises:
        SettingsError: There is no such copy, or it cannot be read.
        utils.files.FileError: The file cannot be written; it is as it was.
    """
    with locked(path):
        chosen = _chosen(path, number)
        data = content(chosen.path)
        assert data is not None
        keep_copy(path)
        write_atomic(path, data)
        backups.remove(chosen)
        backups.prune(path)
    return chosen


def keep_copy(path: Path) -> Path | None:
    """Keep a copy of a settings file, whatever is in it; None where there is no file. Hold its lock, and prune.

    Raises:
        SettingsError: It cannot be read.
        utils.files.FileError: The copy cannot be written.
    """
    data = content(path)
    return None if data is None else backups.keep(path, data, _label(path))


def _chosen(path: Path, number: int | None) -> Backup:
    known = backups.backups(path)
    if not known:
        raise SettingsError("no-backup", f"There is no back-up of {path}.")
    if number is None:
        return known[-1]
    for backup in known:
        if backup.number == number:
            return backup
    raise SettingsError(
        "no-backup",
        f"There is no back-up {number} of {path}; there are {', '.join(str(backup.number) for backup in known)}.",
    )


def _label(path: Path) -> str:
    try:
        return f"v{SettingsFile.read(path).version}"
    except SettingsError:
        return BROKEN
