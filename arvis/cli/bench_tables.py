"""Measurements as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def show(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; all columns but the first are numbers."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(columns[0], box=box.SIMPLE)
    for column in columns[1:]:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def number(value: float | None, digits: int = 0) -> str:
    """A rounded number, or a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"


def percent(share: float | None) -> str:
    """A share of 1 in percent, or a dash where there is none."""
    return number(None if share is None else 100.0 * share, 1)


def milliseconds(spread: Mapping[str, float | None]) -> tuple[str, str]:
    """Median and 95th percentile."""
    return number(spread["p50"]), number(spread["p95"])
