"""`arvis config`: what is in force, whether it is valid, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import read_settings
from arvis.cli.group import Document, tell

if TYPE_CHECKING:
    from config.loader import Loaded

app = typer.Typer(help="Show and check the settings.", no_args_is_help=True)


@app.command("show")
def show(
    ctx: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> Document | None:
    """Print every setting that is in force, as TOML, with where its value comes from."""
    loaded = read_settings(ctx)
    for problem in loaded.problems:
        tell(str(problem))
    if json:
        return _document(loaded)
    for line in _lines(loaded):
        typer.echo(line)
    return None


@app.command("validate")
def validate(ctx: typer.Context) -> None:
    """Check the settings file and the environment; exit code 1 when something is wrong."""
    loaded = read_settings(ctx)
    if not loaded.problems:
        typer.echo(
            "OK" if loaded.path.exists() else f"OK: there is no {loaded.path}, so every setting has its default."
        )
        return
    for problem in loaded.problems:
        typer.echo(str(problem))
    raise typer.Exit(1)


@app.command("path")
def path(ctx: typer.Context) -> None:
    """Print where the settings file is, or would be."""
    typer.echo(str(read_settings(ctx).path))


def _document(loaded: Loaded) -> Document:
    from config.schema import keys, sections

    return {
        "path": str(loaded.path),
        "exists": loaded.path.exists(),
        "settings": {
            section: {key.name: loaded.settings.get(key.path) for key in keys().values() if key.section == section}
            for section in sections()
        },
        "sources": dict(loaded.sources),
        "problems": [str(problem) for problem in loaded.problems],
    }


def _lines(loaded: Loaded) -> list[str]:
    from config.schema import keys, sections
    from config.validation import as_toml

    lines = [f"# {loaded.path}" + ("" if loaded.path.exists() else " (does not exist)")]
    for section in sections():
        lines += ["", f"[{section}]"]
        lines += [
            f"{key.name} = {as_toml(loaded.settings.get(key.path))}  # {loaded.sources[key.path]}"
            for key in keys().values()
            if key.section == section
        ]
    return lines
