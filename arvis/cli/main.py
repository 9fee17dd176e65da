"""The `arvis` command: global options and the table of sub-commands. Nothing heavy is imported here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from arvis import __version__
from arvis.cli import (
    ask,
    audit,
    autostart,
    bench,
    cache,
    config,
    devices,
    doctor,
    history,
    lock,
    logs,
    metrics,
    models,
    notifications,
    run,
    say,
    streams,
    transcribe,
)
from arvis.cli.group import ArvisGroup

app = typer.Typer(
    name="arvis",
    cls=ArvisGroup,
    help="Arvis: a local-first voice assistant. Without a command it opens the window.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("ask")(ask.ask)
app.command("transcribe")(transcribe.transcribe)
app.command("say")(say.say)
app.command("devices")(devices.devices)
app.command("doctor")(doctor.doctor)
app.command("logs")(logs.logs)
app.add_typer(config.app, name="config")
app.add_typer(models.app, name="models")
app.add_typer(history.app, name="history")
app.add_typer(notifications.app, name="notifications")
app.add_typer(metrics.app, name="metrics")
app.add_typer(autostart.app, name="autostart")
app.add_typer(audit.app, name="audit")
app.add_typer(lock.app, name="lock")
app.add_typer(cache.app, name="cache")
app.add_typer(bench.app, name="bench")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"arvis {__version__}")
        raise typer.Exit


@app.callback()
def _arvis(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", exists=True, dir_okay=False, help="Settings file to use."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="NAME", help="Settings profile to use; empty for none.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting for this time only; may be given several times."),
    ] = None,
    debug_transcripts: Annotated[
        bool, typer.Option("--debug-transcripts", help="Write what is said and answered to the log.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if ctx.invoked_subcommand is None:
        run.run(ctx)


def main() -> None:
    """Entry point of the command."""
    streams.open_closed()
    streams.shield_stdout()
    try:
        app(prog_name="arvis")
    except KeyboardInterrupt:  # while the command line is still being put together; later, Typer takes it
        sys.exit(130)
