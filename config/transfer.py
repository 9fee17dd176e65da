"""Takes settings from one machine to another: a file with what is set, and what such a file would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config import loader
from config.findings import check
from config.locator import lines_of
from config.migration import keep_copy, upgraded
from config.problem import Problem, SettingsError
from config.schema import VERSION, keys, sections
from config.settings_file import content, parse
from config.validation import as_toml, printable
from config.writer import Change, change
from utils.files import locked, write_atomic

if TYPE_CHECKING:
    from config.loader import Loaded
    from config.settings import Settings


def exported(loaded: Loaded, *, only_set: bool = False) -> str:
    """Settings as TOML: valid values of known settings and nothing else, so neither a secret nor a comment.

    Args:
        loaded: The settings.
        only_set: Whether to leave out those that have their default.
    """
    lines = ["# Settings of Arvis; `arvis config import FILE` takes them over.", f"version = {VERSION}"]
    for section in sections():
        entries = [
            f"{key.name} = {as_toml(loaded.settings.get(key.path))}"
            for key in keys().values()
            if key.section == section and not (only_set and loaded.sources[key.path] == "default")
        ]
        if entries:
            lines += ["", f"[{section}]", *entries]
    return "\n".join(lines) + "\n"


def imported(data: bytes, place: str) -> tuple[dict[str, Any], list[Problem]]:
    """What a file sets, by path, and everything that is wrong in it; a file of an earlier version is understood.

    Args:
        data: What is in the file.
        place: What problems call it.

    Raises:
        SettingsError: It is not valid TOML.
    """
    document = upgraded(parse(data, place), place)
    values: dict[str, Any] = {}
    findings = list(check(document.unwrap(), values))
    lines = _lines(data, document.as_string()) if findings else {}
    problems = [
        Problem(
            place,
            lines.get(finding.key, lines.get(finding.key.partition(".")[0])),
            printable(finding.key),
            finding.wrong,
            finding.allowed,
            finding.used,
            finding.harmless,
        )
        for finding in findings
    ]
    return values, problems


def _lines(data: bytes, text: str) -> dict[str, int]:
    """The lines in a file of what is in its document, which has the version in front when the file does not say it."""
    added = text.count("\n") - data.count(b"\n") - (not data.endswith(b"\n"))
    return {path: line - added for path, line in lines_of(text).items()}


def differences(path: Path, values: Mapping[str, Any]) -> tuple[Change, ...]:
    """What importing these values into a settings file would change; what it says already is none."""
    settings = loader.load(path, {}).settings
    return tuple(Change(key, settings.get(key), value) for key, value in values.items() if settings.get(key) != value)


def take_over(path: Path, changes: Iterable[Change], *, force: bool = False) -> Path | None:
    """Write changes into a settings file, and keep a copy of what it was, which is returned; None where it was not.

    Raises:
        config.problem.SettingsError: The file cannot be changed.
        utils.files.FileError: The file or the copy cannot be written.
    """
    with locked(path):
        copy = keep_copy(path)
        change(path, {one.key: one.new for one in changes}, force=force)
    return copy


def problems_of(file: Path, place: str) -> list[Problem]:
    """Everything that is wrong in a file that is to be used as `place`."""
    return [replace(problem, place=place) for problem in loader.load(file, {}).problems]


def replace_content(path: Path, before: bytes | None, after: bytes) -> tuple[Change, ...]:
    """Put another content into a settings file, unless somebody else has changed it meanwhile.

    Args:
        path: The file.
        before: What was in it; None where it was not there.
        after: What is to be in it, already checked.

    Returns:
        The settings that are different now.

    Raises:
        SettingsError: It has another content; what was to be written is kept beside it.
        utils.files.FileError: It cannot be written.
    """
    with locked(path):
        if content(path) != before:
            kept = _keep(path, after)
            raise SettingsError(
                "changed-meanwhile",
                f"{path} was changed by another program meanwhile, and was left so. What you wrote is kept in {kept}.",
            )
        old = loader.load(path, {}).settings
        write_atomic(path, after)
        new = loader.load(path, {}).settings
    return compared(old, new)


def compared(old: Settings, new: Settings) -> tuple[Change, ...]:
    """What is different between settings as they were and as they are."""
    return tuple(Change(key, old.get(key), new.get(key)) for key in keys() if old.get(key) != new.get(key))


def keep_rejected(path: Path, file: Path) -> Path:
    """Keep what was written but is not valid, beside the settings file; returns where."""
    return _keep(path, file.read_bytes())


def _keep(path: Path, data: bytes) -> Path:
    kept = path.with_name(f"{path.name}.rejected")
    write_atomic(kept, data)
    return kept
