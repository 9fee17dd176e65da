"""`arvis doctor`: what works here, what does not, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document, error_document

if TYPE_CHECKING:
    from modules.health.base import CheckResult

_COLOURS = {"HEALTHY": "green", "DEGRADED": "yellow", "UNHEALTHY": "red", "UNKNOWN": "cyan"}


def doctor(
    ctx: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> Document | None:
    """Check everything; exit code 1 when something is broken that nothing works without."""
    import asyncio

    from arvis.cli.examination import examine
    from modules.health.base import Status, worst

    loaded = begin(ctx)
    typer.echo("Checking; loading the engines takes some seconds.", err=True)
    results = asyncio.run(examine(loaded))
    broken = ", ".join(result.name for result in results if result.status is Status.UNHEALTHY)
    if json:
        return _document(results) | (error_document("unhealthy", f"Broken: {broken}.") if broken else {})
    _print(results)
    if broken:
        raise typer.Exit(1)
    typer.echo("Everything works." if worst(results) is Status.HEALTHY else "Arvis works, but see above.")
    return None


def _document(results: Sequence[CheckResult]) -> Document:
    from modules.health.base import worst

    return {
        "status": worst(results),
        "checks": [
            {
                "name": result.name,
                "status": result.status,
                "summary": result.summary,
                "advice": result.advice,
                "figures": dict(result.figures),
            }
            for result in results
        ],
    }


def _print(results: Sequence[CheckResult]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("", "", "What is the case, and what to do", box=box.SIMPLE)
    for result in results:
        words = Text(result.summary)
        if result.advice:
            words.append(f"\n{result.advice}", style="italic")
        table.add_row(Text(result.name), Text(result.status, style=_COLOURS[result.status]), words)
    Console().print(table)
