"""`arvis config migrate` and `rollback`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arvis.cli.config_common import JsonOption, change_documents, change_lines, notes, record, target
from arvis.cli.context import read_settings
from arvis.cli.group import Document, tell


def migrate(ctx: typer.Context, json: JsonOption = False) -> Document | None:
    """Bring a settings file of an earlier version to the present one. The file as it was is kept beside it."""
    from config import migration
    from config.schema import VERSION

    file = target(ctx)
    done = migration.migrate(file)
    if json:
        return {
            "path": str(file),
            "migrated": done is not None,
            "from": done.before if done else VERSION,
            "to": VERSION,
            "backup": str(done.backup) if done else None,
        }
    if done is None:
        typer.echo(f"There is nothing to do: the version is {VERSION}.")
    else:
        typer.echo(f"{file}: version {done.before} -> {done.after}. The file as it was: {done.backup}")
    return None


def rollback(
    ctx: typer.Context,
    number: Annotated[int | None, typer.Argument(help="Which back-up; default: the newest.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="Only list the back-ups, the oldest first.")] = False,
    json: JsonOption = False,
) -> Document | None:
    """Put a back-up back. What the file has had becomes a back-up itself, so the same again undoes it."""
    from config import migration, transfer

    file = target(ctx)
    if listing:
        return _list(file, json)
    before = read_settings(ctx).settings
    done = migration.roll_back(file, number)
    after = read_settings(ctx)
    changes = transfer.compared(before, after.settings)
    record(ctx, changes, "settings-restored")
    problems = [str(problem) for problem in after.problems]
    hints = [hint for hint in notes(ctx, file, changes) if hint not in problems]
    if json:
        return {
            "path": str(file),
            "restored": done.number,
            "label": done.label,
            "changes": change_documents(changes),
            "problems": problems,
            "notes": hints,
        }
    typer.echo(f"{file} is as it was in back-up {done.number} ({done.label}).")
    for line in change_lines(changes):
        typer.echo(line)
    for line in [*problems, *hints]:
        tell(line)
    return None


def _list(file: Path, json: bool) -> Document | None:
    from config.backups import backups

    known = backups(file)
    if json:
        copies = [{"number": one.number, "label": one.label, "path": str(one.path)} for one in known]
        return {"path": str(file), "backups": copies}
    for one in known:
        typer.echo(f"{one.number}  {one.label}  {one.path}")
    if not known:
        typer.echo(f"There is no back-up of {file}.")
    return None
