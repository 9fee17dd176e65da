"""`arvis config export` and `import`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from arvis.cli.config_common import (
    ForceOption,
    JsonOption,
    YesOption,
    change_documents,
    change_lines,
    confirm,
    notes,
    record,
    target,
    tell_judged,
)
from arvis.cli.context import read_settings
from arvis.cli.group import Document, tell


def export(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", readable=False, help="A new file; default: standard output.")
    ] = None,
    only_set: Annotated[bool, typer.Option("--only-set", help="Leave out what has its default.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Print the settings that are in force as a settings file. There is never a secret in it."""
    from config.transfer import exported
    from utils.files import write_atomic

    text = exported(read_settings(ctx), only_set=only_set)
    if file is None:
        typer.echo(text, nl=False)
        return
    _check_new(file, force)
    write_atomic(file, text.encode())
    typer.echo(f"Saved: {file}")


def import_(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", readable=False, help="A settings file; - for standard input.")
    ],
    yes: YesOption = False,
    force: ForceOption = False,
    json: JsonOption = False,
) -> Document | None:
    """Take over the settings of another file, when all of it is valid. The file as it was is kept beside it."""
    from config import transfer
    from config.problem import SettingsError

    place = "standard input" if str(file) == "-" else str(file)
    values, problems = transfer.imported(_read(file), place)
    if not tell_judged(problems):
        raise SettingsError("invalid", f"{place} is not valid, so nothing was imported.")
    goal = target(ctx)
    changes = transfer.differences(goal, values)
    if not json:
        for line in change_lines(changes):
            typer.echo(line)
    backup = None
    if changes:
        confirm(f"Import this into {goal}?", yes)
        backup = transfer.take_over(goal, changes, force=force)
        record(ctx, changes)
    hints = notes(ctx, goal, changes)
    if json:
        return {
            "path": str(goal),
            "changes": change_documents(changes),
            "backup": str(backup) if backup else None,
            "notes": hints,
        }
    typer.echo(_result(bool(changes), backup))
    for line in hints:
        tell(line)
    return None


def _result(is_changed: bool, backup: Path | None) -> str:
    if not is_changed:
        return "Nothing had to be changed."
    return "Imported." + (f" The file as it was: {backup}" if backup else "")


def _read(file: Path) -> bytes:
    from config.document import MAX_BYTES
    from config.problem import SettingsError

    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with file.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError("cannot-read", f"{file} cannot be read: {error.strerror or error}.") from error
    if len(data) > MAX_BYTES:
        raise SettingsError("too-large", f"{file} is too large to be a settings file.")
    return data


def _check_new(file: Path, force: bool) -> None:
    if not file.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder '{file.parent}'.", param_hint="FILE")
    if file.is_dir():
        raise typer.BadParameter(f"'{file}' is a folder.", param_hint="FILE")
    if file.exists() and not force:
        raise typer.BadParameter(f"'{file}' is there already; --force replaces it.", param_hint="FILE")
