"""`arvis notifications`: what was told, and that it has been seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document
from utils.errors import ArvisError

if TYPE_CHECKING:
    from modules.notifications.base import Entry
    from modules.notifications.history import History

app = typer.Typer(help="Show what Arvis told, and acknowledge it.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Those that were acknowledged, too.")] = False,
    json: Json = False,
) -> Document | None:
    """List notifications, the latest last: those that were not acknowledged yet."""
    entries = _history(ctx).entries()
    chosen = [entry for entry in entries if everything or not entry.acknowledged]
    if json:
        return {"notifications": [_entry(entry) for entry in chosen], "unread": _unread(entries)}
    for entry in chosen:
        typer.echo(_line(entry))
    if not chosen:
        typer.echo("Nothing new." if entries else "Nothing was told.")
    return None


@app.command("ack")
def ack(
    ctx: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="As `list` prints them.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    json: Json = False,
) -> Document | None:
    """Acknowledge notifications: those with these IDs, or all."""
    history = _history(ctx)
    entries = history.entries()
    if bool(ids) == everything:
        raise typer.BadParameter("give either some IDs or --all.", param_hint="ID")
    unknown = set(ids or ()) - {entry.id for entry in entries}
    if unknown:
        raise ArvisError(
            "no-notification",
            f"There is no notification '{min(unknown)}'. `arvis notifications list --all` shows which there are.",
        )
    chosen = [entry.id for entry in entries if (everything or entry.id in (ids or ())) and not entry.acknowledged]
    history.acknowledge(chosen)
    if json:
        return {"acknowledged": chosen, "unread": _unread(history.entries())}
    typer.echo(f"Acknowledged: {len(chosen)}")
    return None


@app.command("clear")
def clear(ctx: typer.Context, json: Json = False) -> Document | None:
    """Forget all notifications."""
    history = _history(ctx)
    count = len(history.entries())
    history.clear()
    if json:
        return {"cleared": count}
    typer.echo(f"Forgotten: {count}")
    return None


def _history(ctx: typer.Context) -> History:
    from modules.notifications.history import FILE_NAME, History
    from utils import paths

    settings = begin(ctx).settings
    return History(paths.data_dir() / FILE_NAME, settings.notifications.history)


def _unread(entries: tuple[Entry, ...]) -> int:
    from modules.notifications.history import count_unread

    return count_unread(entries)


def _entry(entry: Entry) -> Document:
    notification = entry.notification
    return {
        "id": entry.id,
        "code": notification.code,
        "text": notification.text,
        "priority": notification.priority.label,
        "source": notification.source,
        "turn": notification.turn_id,
        "first": entry.first.isoformat(),
        "last": entry.last.isoformat(),
        "count": entry.count,
        "acknowledged": entry.acknowledged,
    }


def _line(entry: Entry) -> str:
    mark = " " if entry.acknowledged else "*"
    when = entry.last.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{mark} {entry.id}  {when}  {entry.notification.priority.label:<8}  {entry.sentence}"
