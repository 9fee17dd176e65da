"""What the sub-commands of `arvis config` that change something have in common."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arvis.cli.context import read_settings
from arvis.cli.group import Document, tell

if TYPE_CHECKING:
    from config.problem import Problem
    from config.writer import Change

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Write to a file of a newer version of Arvis, too.")]


def target(ctx: typer.Context) -> Path:
    """The file that is changed: the profile that --profile names, or else the settings file."""
    from config import profiles

    path = read_settings(ctx).path
    profile = ctx.find_root().params.get("profile")
    return profiles.path_of(path, profile) if profile else path


def is_terminal() -> bool:
    """Whether there is somebody who can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(question: str, yes: bool) -> None:
    """Ask, unless --yes was given; where nobody can be asked, and where the answer is no, nothing goes on.

    Raises:
        config.problem.SettingsError: There is no terminal.
    """
    from config.problem import SettingsError

    if yes:
        return
    if not is_terminal():
        raise SettingsError("not-confirmed", f"{question} Nobody can be asked here, so nothing was done: add --yes.")
    typer.confirm(question, abort=True, err=True)


def tell_judged(problems: Sequence[Problem]) -> bool:
    """Tell what is wrong in a file that may become the settings file; returns whether it may."""
    is_valid = all(problem.harmless for problem in problems)
    for problem in problems:
        tell(str(problem) if is_valid else problem.refusal)
    return is_valid


def notes(ctx: typer.Context, file: Path, changes: Collection[Change]) -> list[str]:
    """What is to be known after settings were changed: what wins, what contradicts, what needs a restart."""
    from config.origin import origin
    from config.schema import keys
    from config.validation import shown

    loaded = read_settings(ctx)
    written = {str(layer.path): source for layer, source in zip(loaded.layers, ("file", "profile"), strict=False)}
    found: list[str] = []
    restart: list[str] = []
    for change in changes:
        key = keys().get(change.key)
        if key is None:
            continue
        if loaded.sources[key.path] not in ("default", written.get(str(file))):
            value = shown(loaded.settings.get(key.path))
            found.append(f"{key.path} stays {value}: {origin(loaded, key.path)} comes first.")
        elif key.restart:
            restart.append(key.path)
    touched = {change.key for change in changes}
    found += [str(problem) for problem in loaded.problems if problem.key in touched]
    if restart:
        found.append(f"A running Arvis has to be started again for {', '.join(restart)}.")
    return found


def change_lines(changes: Iterable[Change]) -> list[str]:
    """Changes as lines to read: "llm.threads: 2 -> 4"."""
    return [f"{change.key}: {_shown(change.old)} -> {_shown(change.new)}" for change in changes]


def change_documents(changes: Iterable[Change]) -> list[Document]:
    """Changes as JSON; null for what is not in the file."""
    return [{"key": change.key, "old": change.old, "new": change.new} for change in changes]


def _shown(value: Any) -> str:
    from config.validation import shown

    return "default" if value is None else shown(value)


def record(ctx: typer.Context, changes: Iterable[Change], event: str = "setting-changed") -> None:
    """Write into the audit log which settings were changed, never to what.

    Where the settings want no log nothing is written, but for the change with which that begins. A log that cannot be
    written is told: the settings are changed already.
    """
    from arvis.security import open_audit
    from utils.files import FileError

    changes = list(changes)
    if not read_settings(ctx).settings.security.audit and all(change.key != "security.audit" for change in changes):
        return
    log = open_audit()
    try:
        for change in changes:
            log.record(event, setting=change.key[:100], by="command line")
    except FileError as error:
        tell(f"The audit log lacks this change: {error}")
