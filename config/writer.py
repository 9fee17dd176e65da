"""Changes single settings in the user's file; the rest of it stays as it is, with its comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import backups
from config.entries import drop, put, same
from config.migration import Migrated, bring_up, keep_copy
from config.problem import SettingsError
from config.schema import VERSION, keys, sections
from config.settings_file import SettingsFile
from config.validation import as_toml, complaint, hint
from utils.files import locked, write_atomic


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one setting in the file."""

    key: str
    old: Any
    """The value that was in the file, as TOML gives it; None where there was none."""
    new: Any
    """The value that is in it now; None where there is none, so the default holds."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a settings file."""

    changes: tuple[Change, ...]
    migrated: Migrated | None
    """Set where the file was of an earlier version, and is of the present one now."""


def change(
    path: Path, values: Mapping[str, Any] | None = None, unset: Iterable[str] = (), *, force: bool = False
) -> Changed:
    """Write settings into a file, which is made if it is missing, and remove others from it; all or none.

    Args:
        path: The settings file, or a profile.
        values: The new values by path, as `config.settings` holds them.
        unset: The paths to remove, whether or not there is such a setting.
        force: Whether to write to a file of a later version, too.

    Raises:
        SettingsError: A value is not allowed, a key is none, or is a secret; or the file cannot be changed.
        utils.files.FileError: The file cannot be written.
    """
    values = values or {}
    renamed = {old: key.path for key in keys().values() for old in key.old_paths}
    unset = [renamed.get(name, name) for name in unset]
    check(values)
    with locked(path):
        file = SettingsFile.read(path)
        _check_unset(unset, file.values())
        migrated = bring_up(file, force=force)
        before = file.values()
        for name in unset:
            drop(file.document, name)
        for key, value in values.items():
            put(file.document, key, value)
        file.write()
        backups.prune(path)
    return Changed(_differences(before, file.values()), migrated)


def reset(path: Path, names: Iterable[str] = (), *, force: bool = False) -> Path | None:
    """Give settings their defaults again, and keep a copy of the file.

    Args:
        path: The settings file.
        names: Settings and sections; none for everything, which a file that is not valid needs.
        force: Whether to write to a file of a later version, too; everything is always reset.

    Returns:
        The copy; None where there was no file.

    Raises:
        SettingsError: There is no such setting or section, or the file cannot be changed.
        utils.files.FileError: The file or the copy cannot be written.
    """
    wanted = expanded(names)
    with locked(path):
        if not wanted:
            copy = keep_copy(path)
            if copy is not None:
                write_atomic(path, f"version = {VERSION}\n".encode())
        else:
            file = SettingsFile.read(path)
            bring_up(file, force=force)
            copy = keep_copy(path)
            for key in wanted:
                drop(file.document, key)
            file.write()
        backups.prune(path)
    return copy


def expanded(names: Iterable[str]) -> list[str]:
    """The paths of settings that are meant by names of settings and of sections.

    Raises:
        SettingsError: There is no such setting or section.
    """
    found: list[str] = []
    for name in names:
        inside = [path for path, key in keys().items() if name in (path, key.section)]
        if not inside:
            raise unknown(name)
        found += inside
    return found


def check(values: Mapping[str, Any]) -> None:
    """Say everything that is wrong with values that are to be written.

    Raises:
        SettingsError: A value is not allowed, a key is none, or is a secret.
    """
    wrong = [sentence for key, value in values.items() if (sentence := _wrong(key, value))]
    if wrong:
        raise SettingsError("invalid", "; ".join(wrong) + ". Nothing was changed.")


def unknown(name: str) -> SettingsError:
    """There is no such setting."""
    return SettingsError("unknown-setting", f"there is no setting {name}; {hint(name)}.")


def _wrong(path: str, value: Any) -> str | None:
    key = keys().get(path)
    if key is None:
        if path in sections():
            return f"{path} is a section: name the setting, as in {path}.{_first(path)}"
        return f"there is no setting {path}; {hint(path)}"
    value = list(value) if isinstance(value, tuple) else value
    if not _is_text(as_toml(value)):
        return f"{path} is no text that can be written as UTF-8"
    return complaint(key, value)


def _is_text(text: str) -> bool:
    """Whether it has no bytes in it that the terminal's encoding could not read."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _first(section: str) -> str:
    return next(key.name for key in keys().values() if key.section == section)


def _check_unset(names: Iterable[str], present: Mapping[str, Any]) -> None:
    for name in names:
        if name not in keys() and ("." not in name or name not in present):
            raise unknown(name)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    paths = [*before, *(path for path in after if path not in before)]
    return tuple(
        Change(path, before.get(path), after.get(path))
        for path in paths
        if "." in path and not same(before.get(path), after.get(path))
    )
