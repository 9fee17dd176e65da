"""`arvis cache`: how much speech is kept on this machine, and the end of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document

if TYPE_CHECKING:
    from modules.tts.cache_folder import Usage

app = typer.Typer(help="Show and clear what was spoken and is kept to be played again.", no_args_is_help=True)


@app.command("show")
def show(
    ctx: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> Document | None:
    """Print where the speech is kept, how much there is, and how much there may be."""
    from modules.tts.cache_folder import SpeechFolder

    limit = begin(ctx).settings.tts.cache_mb
    folder = SpeechFolder()
    usage = folder.usage()
    if json:
        return {
            "folder": str(folder.folder),
            "entries": usage.entries,
            "bytes": usage.size,
            "limit_bytes": limit * 1_000_000,
        }
    typer.echo(f"{folder.folder}: {_words(usage)} of {limit} MB" + (", switched off" if not limit else ""))
    return None


@app.command("clear")
def clear(ctx: typer.Context) -> None:
    """Delete all speech that is kept."""
    from modules.tts.cache_folder import SpeechFolder

    begin(ctx)
    typer.echo(f"Deleted: {_words(SpeechFolder().clear())}")


def _words(usage: Usage) -> str:
    return f"{usage.entries} {'text' if usage.entries == 1 else 'texts'}, {usage.size / 1e6:.1f} MB"
