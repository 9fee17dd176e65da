"""`arvis logs`: the last lines of the log, for people."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from arvis.cli.context import read_settings
from arvis.cli.group import Document, tell

_RANKS = ("debug", "info", "warning", "error", "critical")


class Level(StrEnum):
    """How important a line is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def logs(
    ctx: typer.Context,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines at most.")] = 40,
    level: Annotated[Level, typer.Option(help="Only what is at least so important.")] = Level.DEBUG,
    turn: Annotated[int | None, typer.Option(help="Only what belongs to the turn with this number.")] = None,
    path: Annotated[bool, typer.Option("--path", help="Print where the log is, and nothing else.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> Document | None:
    """Print the last lines of the log. Turns are counted anew each time Arvis starts; the latest one is meant."""
    from utils import paths
    from utils.logging import FILE_NAME

    read_settings(ctx)
    file = paths.log_dir() / FILE_NAME
    if path and not json:
        typer.echo(str(file))
        return None
    wanted = _RANKS[_RANKS.index(level) :]
    chosen = _lines(file) if turn is None else _latest(turn, _lines(file))
    found = deque((line for line in chosen if line.get("level") in wanted), maxlen=lines)
    if json:
        return {"path": str(file), "lines": list(found)}
    if turn is not None and found:
        tell(f"The latest turn {turn}, with the trace {found[0].get('trace', '-')}.")
    for line in found:
        typer.echo(_readable(line))
    return None


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of the file and of the one before it, the oldest first."""
    from utils.journal import Journal

    for path in (file.with_name(f"{file.name}.1"), file):
        yield from Journal(path).read()


def _latest(turn: int, lines: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of the newest turn with this number; each turn has a trace of its own."""
    found: dict[Any, list[dict[str, Any]]] = {}
    for line in lines:
        if line.get("turn") == turn:
            found.setdefault(str(line.get("trace", "")), []).append(line)
    return list(found.values())[-1] if found else []


def _readable(line: dict[str, Any]) -> str:
    turn = f" turn {line['turn']}" if "turn" in line else ""
    text = f"{line.get('time', '')} {line.get('level', ''):<8} {line.get('logger', '')}{turn}: {line.get('event', '')}"
    return "\n".join([text, *(f"    {row}" for row in str(line.get("error", "")).splitlines())])
