"""What one settings file contributes: its valid values, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.document import Stamp, UnreadableError, read, stamp
from config.findings import Finding, check
from config.locator import lines_of
from config.problem import Problem
from config.schema import keys
from config.validation import printable, shown


@dataclass(frozen=True, slots=True)
class Layer:
    """One file, as far as it could be understood."""

    path: Path
    values: Mapping[str, Any]
    """Valid values by path, and the safe ones of settings whose value cannot be used."""
    problems: tuple[Problem, ...] = ()
    broken: bool = False
    """Whether there is a file that could not be read as a whole."""
    stamp: Stamp | None = None
    """Of the file that was read; None where there is none."""
    text: str = ""
    """The file's content."""

    def line(self, path: str) -> int | None:
        """Line of a setting in the file, under its present or an earlier name."""
        lines = lines_of(self.text)
        return next((lines[name] for name in (path, *keys()[path].old_paths) if name in lines), None)


def read_layer(path: Path, before: Layer | None = None, *, over: str = "") -> Layer:
    """Read a settings file, which need not exist.

    Args:
        path: The file.
        before: The same file when it was read last; it stays in force while the file is broken.
        over: Over what the file lies, for example "the settings file"; empty for the defaults.
    """
    mark = stamp(path)
    try:
        content = read(path)
    except FileNotFoundError:
        return Layer(path, {})
    except UnreadableError as error:
        return _broken(path, mark, error, before, over)
    values: dict[str, Any] = {}
    findings = list(check(content.tables, values, over=over))
    lines = lines_of(content.text) if findings else {}
    problems = sorted((_problem(path, lines, finding) for finding in findings), key=lambda problem: problem.line or 0)
    return Layer(path, values, tuple(problems), stamp=mark, text=content.text)


def _broken(path: Path, mark: Stamp | None, error: UnreadableError, before: Layer | None, over: str) -> Layer:
    if before is None:
        values: Mapping[str, Any] = {key.path: key.safe for key in keys().values() if key.safe != key.default}
        but = ", ".join(f"{name} is {shown(value)}" for name, value in values.items())
        beneath = f"what {over} says counts" if over else "every setting has its default"
        used = f"{beneath}, but to be on the safe side {but}"
    else:
        values = before.values
        used = before.problems[0].used if before.broken else "what was read before stays in force"
    return Layer(path, values, (Problem(str(path), error.line, "", error.reason, "", used),), True, mark)


def _problem(path: Path, lines: Mapping[str, int], finding: Finding) -> Problem:
    # Where a key has no line of its own, that of the table around it.
    line = lines.get(finding.key, lines.get(finding.key.partition(".")[0]))
    return Problem(
        str(path), line, printable(finding.key), finding.wrong, finding.allowed, finding.used, finding.harmless
    )
