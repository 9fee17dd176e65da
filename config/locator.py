"""Finds the line of each key in a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

Path = tuple[str, ...]

_DEPTH = 2
"""Tables and keys inside of a key of a table have no lines of their own: no setting is as deep as that."""
_BUDGET = 2_000_000
"""Most characters that are parsed; a text of thousands of lines in one value would take minutes."""


def lines_of(text: str) -> dict[str, int]:
    """Line number (from 1) on which each table and each key of a table first appears, by dotted path.

    The text is cut into statements with the TOML parser itself: a statement is the fewest lines that parse by
    themselves, so quoted and dotted keys, inline tables and values over several lines need no rules of their own.
    What lies behind a value of thousands of lines may be missing.
    """
    found: dict[str, int] = {}
    table: Path = ()
    for line, statement, parsed in _statements(text):
        if statement.lstrip().startswith("["):
            table = _header(parsed)
            paths: Iterator[Path] = iter([table])
        else:
            paths = (table + path for path in _paths(parsed))
        for path in paths:
            for length in range(1, min(len(path), _DEPTH) + 1):
                found.setdefault(".".join(path[:length]), line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str, Any]]:
    """Each statement, blank line or comment with the number of its first line and what it means by itself."""
    start, gathered, budget = 1, "", _BUDGET
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        gathered += line + "\n"
        budget -= len(gathered)
        if budget < 0:
            return
        try:
            parsed = tomllib.loads(gathered)
        except (ValueError, RecursionError):
            continue  # the value goes on in the next line
        yield start, gathered, parsed
        start, gathered = number + 1, ""


def _header(parsed: Any) -> Path:
    """The name in a [header] or [[header]], parsed by itself."""
    return tuple(islice(_names(parsed), _DEPTH))


def _names(parsed: Any) -> Iterator[str]:
    while parsed:
        if isinstance(parsed, list):
            parsed = parsed[0]
            continue
        name, parsed = next(iter(parsed.items()))
        yield name


def _paths(parsed: Mapping[str, Any]) -> Iterator[Path]:
    """The key of a statement, and those in it."""
    for name, value in parsed.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, inner) for inner in value)
