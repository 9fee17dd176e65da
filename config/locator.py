"""Finds the line of each key in a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]


def lines_of(text: str) -> dict[str, int]:
    """Line number (from 1) on which each key and each table of a valid TOML text first appears, by dotted path.

    The text is cut into statements with the TOML parser itself: a statement is the fewest lines that parse by
    themselves, so quoted and dotted keys, inline tables and values over several lines need no rules of their own.
    """
    found: dict[str, int] = {}
    table: Path = ()
    for line, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _header(parsed)
            paths: Iterator[Path] = iter([table])
        else:
            paths = (table + path for path in _paths(parsed))
        for path in paths:
            for length in range(1, len(path) + 1):
                found.setdefault(".".join(path[:length]), line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement, blank line or comment with the number of its first line."""
    start, gathered = 1, ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        gathered += line + "\n"
        try:
            tomllib.loads(gathered)
        except tomllib.TOMLDecodeError:
            continue  # the value goes on in the next line
        yield start, gathered
        start, gathered = number + 1, ""


def _header(parsed: Any) -> Path:
    """The name in a [header] or [[header]], parsed by itself."""
    path: list[str] = []
    while parsed:
        if isinstance(parsed, list):
            parsed = parsed[0]
            continue
        name, parsed = next(iter(parsed.items()))
        path.append(name)
    return tuple(path)


def _paths(parsed: Mapping[str, Any]) -> Iterator[Path]:
    for name, value in parsed.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, *rest) for rest in _paths(value))
