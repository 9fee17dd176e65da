"""`arvis doctor`: what works here, what does not, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document, error_document

if TYPE_CHECKING:
    from modules.health.report import HealthReport

_COLOURS = {"HEALTHY": "green", "DEGRADED": "yellow", "UNHEALTHY": "red", "UNKNOWN": "cyan"}
_THOROUGH = "Checking; the microphone is opened for a moment, and loading the engines takes some seconds."
_QUICK = "Checking; the microphone is opened for a moment, and no engine is loaded."


def doctor(
    ctx: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="Load no engine; takes less than 3 seconds.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> Document | None:
    """Check everything; exit code 1 when something is broken that nothing works without."""
    import asyncio

    from arvis.cli.examination import examine
    from modules.health.base import Status

    loaded = begin(ctx)
    typer.echo(_QUICK if quick else _THOROUGH, err=True)
    examination = asyncio.run(examine(loaded, quick=quick))
    report = examination.report
    broken = ", ".join(report.broken)
    if examination.hangs:
        ctx.find_root().call_on_close(lambda: leave(1 if broken else 0))
    if json:
        return report.document() | (error_document("unhealthy", f"Broken: {broken}.") if broken else {})
    _print(report)
    if broken:
        raise typer.Exit(1)
    typer.echo("Everything works." if report.overall is Status.HEALTHY else "Arvis works, but see above.")
    return None


def leave(code: int) -> None:
    """End the process now: it would wait for ever for the thread of a native call that never returns."""
    import logging
    import os
    import sys

    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _print(report: HealthReport) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("", "", "What is the case, and what to do", box=box.SIMPLE)
    for entry in report.entries.values():
        found = entry.finding
        words = Text(found.reason)
        if found.remedy:
            words.append(f"\n{found.remedy}", style="italic")
        table.add_row(Text(entry.check.title), Text(found.status, style=_COLOURS[found.status]), words)
    Console().print(table)
