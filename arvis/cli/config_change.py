"""`arvis config set`, `unset` and `reset`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
)
from arvis.cli.context import read_settings
from arvis.cli.group import Document, tell

if TYPE_CHECKING:
    from config.writer import Changed


def set_values(
    ctx: typer.Context,
    settings: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY=VALUE...", help="For example: llm.threads=4 tts.speed=1.2, or one as: ui.theme dark"
        ),
    ],
    force: ForceOption = False,
    json: JsonOption = False,
) -> Document | None:
    """Write settings into the file: all of them, or, when one is not allowed, none."""
    from config import writer

    if len(settings) == 2 and "=" not in settings[0]:
        settings = ["=".join(settings)]
    values = dict(_parsed(setting) for setting in settings)
    file = target(ctx)
    return _report(ctx, file, writer.change(file, values, force=force), json)


def unset(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="KEY...", help="For example: llm.threads")],
    force: ForceOption = False,
    json: JsonOption = False,
) -> Document | None:
    """Remove settings from the file, so that they have their defaults; unknown ones can be removed, too."""
    from config import writer

    file = target(ctx)
    return _report(ctx, file, writer.change(file, unset=names, force=force), json)


def reset(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY|SECTION]...", help="Nothing means every setting.")
    ] = None,
    yes: YesOption = False,
    force: ForceOption = False,
    json: JsonOption = False,
) -> Document | None:
    """Give settings, sections or everything their defaults again. The file as it was is kept beside it."""
    from config import transfer, writer

    names = names or []
    file = target(ctx)
    before = read_settings(ctx).settings
    writer.expanded(names)
    confirm(f"Reset {_listed(names)} in {file}?", yes)
    backup = writer.reset(file, names, force=force)
    changes = transfer.compared(before, read_settings(ctx).settings)
    record(ctx, changes)
    hints = notes(ctx, file, changes)
    if json:
        document = {"path": str(file), "reset": names or "all", "backup": str(backup) if backup else None}
        return document | {"notes": hints}
    typer.echo(f"Reset: {_listed(names)}." + (f" The file as it was: {backup}" if backup else ""))
    for line in hints:
        tell(line)
    return None


def _parsed(setting: str) -> tuple[str, Any]:
    """Path and value; a value that means none is kept as text, and refused as such."""
    from config import environment
    from config.schema import keys

    name, equals, text = setting.partition("=")
    if not equals:  # not repeated: it may be a secret
        raise typer.BadParameter("each one must be KEY=VALUE, for example llm.threads=4.", param_hint="KEY=VALUE")
    name = name.strip()
    key = keys().get(name)
    value = environment.parse(key, text) if key else text
    return name, text if value is None else value


def _report(ctx: typer.Context, file: Path, changed: Changed, json: bool) -> Document | None:
    backup = changed.migrated and changed.migrated.backup
    record(ctx, changed.changes)
    hints = notes(ctx, file, changed.changes)
    if backup:
        hints.append(f"The file was of an earlier version and is of the present one now; as it was: {backup}")
    if json:
        return {
            "path": str(file),
            "changes": change_documents(changed.changes),
            "backup": str(backup) if backup else None,
            "notes": hints,
        }
    for line in change_lines(changed.changes) or [f"Nothing had to be changed in {file}."]:
        typer.echo(line)
    for line in hints:
        tell(line)
    return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "all settings"
