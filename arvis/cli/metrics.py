"""`arvis metrics`: the figures that Arvis has kept about itself."""

from __future__ import annotations

import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modules.metrics.aggregate import Summary
    from modules.metrics.store import MetricsStore

app = typer.Typer(help="Show, export and serve the figures that Arvis keeps about itself.", no_args_is_help=True)

LastOption = Annotated[str | None, typer.Option(metavar="SPAN", help="Only the last 90s, 15m, 1h30m, 7d, ...")]
SinceOption = Annotated[str | None, typer.Option(metavar="TIME", help="Only from this date or time (ISO 8601).")]
UntilOption = Annotated[str | None, typer.Option(metavar="TIME", help="Only before this date or time (ISO 8601).")]


_DATE = "process_start_time_seconds"
"""Of a date there is neither a mean nor a quantile."""


class Format(StrEnum):
    """What `export` writes."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


@app.command("show")
def show(
    ctx: typer.Context,
    last: LastOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> Document | None:
    """Sum up what was measured: how often, the extremes, the mean and the quantiles."""
    from modules.metrics.aggregate import summarise
    from modules.metrics.ratios import ratios
    from modules.metrics.window import window

    store = _store(ctx)
    wanted = window(time.time(), last, since, until)
    summaries = summarise(store.read(wanted.since, wanted.until))
    if json:
        return {
            "folder": str(store.folder),
            "bytes": store.size,
            "ratios": ratios(summaries),
            "metrics": [summary.as_dict() for summary in summaries],
        }
    _print(summaries, ratios(summaries))
    return None


@app.command("export")
def export(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="File to write; default: standard output.")] = None,
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.CSV,
    last: LastOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
) -> None:
    """Write every sample."""
    from modules.metrics.tables import FORMATS
    from modules.metrics.window import window
    from utils.files import write_atomic

    if out is not None and not out.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder '{out.parent}'.", param_hint="--out")
    store = _store(ctx)
    wanted = window(time.time(), last, since, until)
    lines = FORMATS[form](store.read(wanted.since, wanted.until))
    if out is None:
        sys.stdout.writelines(lines)
        sys.stdout.flush()  # here whoever reads them may have gone, which is nothing to complain about
        return
    write_atomic(out.absolute(), "".join(lines).encode())
    typer.echo(f"Saved {out}", err=True)


@app.command("serve")
def serve(
    ctx: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="0 for any that is free; default: the setting metrics.port.")
    ] = None,
) -> None:
    """Serve the figures to Prometheus, and say whether Arvis runs, on this machine only; Ctrl+C ends it."""
    import signal
    import threading

    from arvis.security import secret_store
    from modules.metrics.serving import serve_folder

    settings = begin(ctx).settings.metrics
    chosen = settings.port if port is None else port
    token = secret_store().get("metrics.token") or ""
    server = serve_folder(folder(), port=chosen, token=token, interval=settings.interval_seconds)
    ended = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        typer.echo(f"{server.address}/metrics")
        ended.wait()
    finally:
        signal.signal(signal.SIGTERM, before)
        server.close()


def folder() -> Path:
    """Where the figures are kept."""
    from utils import paths

    return paths.data_dir() / "metrics"


def _store(ctx: typer.Context) -> MetricsStore:
    """The store.

    Raises:
        modules.metrics.base.MetricsError: There is nothing in it.
    """
    from modules.metrics.segments import segments
    from modules.metrics.store import MetricsStore, no_history

    settings = begin(ctx).settings.metrics
    if not segments(folder()):
        raise no_history(folder(), enabled=settings.enabled)
    return MetricsStore(folder())


def _print(summaries: Sequence[Summary], shares: dict[str, float]) -> None:
    from arvis.cli.metrics_units import shown
    from modules.metrics.base import Kind
    from modules.metrics.catalogue import CATALOGUE

    counters = {name for name, metric in CATALOGUE.items() if metric.kind is Kind.COUNTER}
    measured = [summary for summary in summaries if summary.name not in counters | {_DATE}]
    counted = [summary for summary in summaries if summary.name in counters]
    if not summaries:
        typer.echo("Nothing was measured in that time.")
    if measured:
        figures = [(one.minimum, one.mean, one.p50, one.p95, one.p99, one.maximum) for one in measured]
        rows = [
            (_title(one), str(one.count), *(shown(one.name, value) for value in row))
            for one, row in zip(measured, figures, strict=True)
        ]
        _table(("measured", "count", "min", "mean", "p50", "p95", "p99", "max"), rows)
    if counted:
        _table(("counted", "sum"), [(_title(one), shown(one.name, one.total)) for one in counted])
    if shares:
        _table(("share", "%"), [(name, f"{100.0 * share:.1f}") for name, share in shares.items()])


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that is as wide as it has to be, also where it goes into a file."""
    first, *others = (max(map(len, column)) for column in zip(columns, *rows, strict=True))
    for row in (columns, *rows):
        cells = "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], others, strict=True))
        typer.echo(f"{row[0]:<{first}}{cells}")
    typer.echo()


def _title(summary: Summary) -> str:
    labels = ", ".join(value for _, value in summary.labels)
    return f"{summary.name} ({labels})" if labels else summary.name
