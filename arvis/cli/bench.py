"""`arvis bench`: measurements that anybody can repeat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document

if TYPE_CHECKING:
    from modules.bench.turn import Measured

app = typer.Typer(help="Measure.", no_args_is_help=True)


@app.callback()
def _bench() -> None:
    """Measure."""


@app.command("turn")
def turn(
    ctx: typer.Context,
    audio: Annotated[
        Path | None,
        typer.Option(metavar="DIR", exists=True, file_okay=False, help="Folder with recordings; default: the samples."),
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="How often each recording is used.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> Document | None:
    """Measure whole spoken turns against the bare engines on the same input."""
    import asyncio

    from arvis import app as composition

    settings = begin(ctx).settings
    bench = asyncio.run(composition.run_bench_turn(settings, audio, runs, on_turn=_show))
    if json:
        return bench.as_dict()
    _print(bench.as_dict())
    return None


def _show(measured: Measured) -> None:
    """Say how it goes: a run takes as long as its recordings."""
    audible = measured.latency.first_audible or 0.0
    typer.echo(f"{measured.file}: first audible sound after {audible:.0f} ms, ratio {measured.ratio:.2f}", err=True)


def _print(document: Document) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("", box=box.SIMPLE)
    for column in ("p50 ms", "p95 ms"):
        table.add_column(column, justify="right")
    for title, group in (("turn", "latency_ms"), ("bare engine", "floors_ms")):
        for name, spread in document[group].items():
            table.add_row(f"{title}: {name.replace('_', ' ')}", *(_rounded(spread[part]) for part in ("p50", "p95")))
    Console().print(table)
    typer.echo(f"Turns: {document['turns']}")
    typer.echo(f"First audible sound over the sum of the bare engines (p50): {document['ratio_of_medians']}")


def _rounded(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
