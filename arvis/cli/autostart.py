"""`arvis autostart`: starting Arvis when the user logs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.group import Document

if TYPE_CHECKING:
    from arvis.desktop.autostart import Autostart, Start

app = typer.Typer(help="Start Arvis when you log in, or no more.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("on")
def on(ctx: typer.Context, json: AsJson = False) -> Document | None:
    """Start Arvis at each login, with this settings file and profile, as an icon in the tray where there is one."""
    autostart, start = _arranged(ctx)
    autostart.enable(start)
    return _tell(autostart, start, json=json)


@app.command("off")
def off(ctx: typer.Context, json: AsJson = False) -> Document | None:
    """Start it at login no more."""
    autostart, start = _arranged(ctx)
    autostart.disable()
    return _tell(autostart, start, json=json)


@app.command("status")
def status(ctx: typer.Context, json: AsJson = False) -> Document | None:
    """Say whether Arvis is started at login, and by which command."""
    return _tell(*_arranged(ctx), json=json)


def _arranged(ctx: typer.Context) -> tuple[Autostart, Start]:
    from arvis.desktop.autostart import HIDDEN, autostart_for, start_of

    options = ctx.find_root().params
    arguments = list(HIDDEN)
    if options.get("config"):
        arguments += ["--config", str(options["config"].absolute())]
    if options.get("profile") is not None:
        arguments += ["--profile", options["profile"]]
    return autostart_for(), start_of(arguments)


def _tell(autostart: Autostart, start: Start, *, json: bool) -> Document | None:
    found = autostart.found()
    is_this = found == autostart.line(start)
    if json:
        return {"enabled": found is not None, "command": found, "current": is_this, "place": autostart.place}
    if found is None:
        typer.echo("Arvis is not started at login.")
        return None
    typer.echo(f"Arvis is started at login, by {autostart.place}: {found}")
    if not is_this:
        typer.echo("That is another command than this one would be; `arvis autostart on` renews it.")
    return None
