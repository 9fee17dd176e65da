"""Reads the settings: defaults, then the file, then the environment. A bad value never keeps Arvis from starting."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from config import environment, locator
from config.problem import Problem
from config.schema import keys, sections
from config.settings import Settings
from config.validation import hint, is_valid, shown
from utils import paths

Source = Literal["default", "file", "environment"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and how they came about."""

    settings: Settings
    problems: tuple[Problem, ...]
    sources: Mapping[str, Source]
    """For each path, where its value comes from."""
    path: Path
    """The settings file; it need not exist."""


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Loaded:
    """Read the settings.

    Args:
        path: The settings file; None for the user's own. A file that does not exist means defaults.
        environ: The environment; None for that of the process.

    Returns:
        Settings that are all valid; for whatever was not, there is a problem, and the next lower source is used.
    """
    path = paths.config_file() if path is None else path
    filed, problems = _read_file(path)
    overriding, more = environment.read(os.environ if environ is None else environ)
    sources: dict[str, Source] = dict.fromkeys(keys(), "default")
    sources |= dict.fromkeys(filed, "file")
    sources |= dict.fromkeys(overriding, "environment")
    return Loaded(Settings.of(filed | overriding), (*problems, *more), sources, path)


def _read_file(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [_unreadable(path, None, f"the file cannot be read ({error.strerror or error})")]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return {}, [_unreadable(path, line, "the file is not UTF-8 text")]
    except (ValueError, RecursionError) as error:  # beside syntax: numbers and nesting beyond the parser's limits
        line, reason = _toml_error(str(error), text)
        return {}, [_unreadable(path, line, f"the file is not valid TOML ({reason})")]
    values: dict[str, Any] = {}
    findings = list(_check(document, values))
    lines = locator.lines_of(text) if findings else {}
    return values, [
        Problem(str(path), _line(lines, key), key, wrong, allowed, used) for key, wrong, allowed, used in findings
    ]


def _unreadable(path: Path, line: int | None, wrong: str) -> Problem:
    return Problem(str(path), line, "", wrong, "", "every setting has its default")


def _toml_error(message: str, text: str) -> tuple[int, str]:
    """Line and reason out of the parser's message, which ends in "(at line 3, column 7)" or "(at end of document)"."""
    match = re.search(r"\s*\(at line (\d+), column \d+\)$", message)
    if match:
        return int(match[1]), message[: match.start()]
    return text.rstrip("\n").count("\n") + 1, message


def _line(lines: Mapping[str, int], key: str) -> int | None:
    """Line of the key, or of the innermost table around it that has one."""
    while key not in lines and "." in key:
        key = key.rpartition(".")[0]
    return lines.get(key)


Finding = tuple[str, str, str, str]
"""Key, what is wrong, what is allowed, what is used instead."""


def _check(document: Mapping[str, Any], values: dict[str, Any]) -> Iterator[Finding]:
    """Put the valid values into `values` and yield what is wrong with the others."""
    renamed = {old: key for key in keys().values() for old in key.old_paths}
    known_sections = set(sections()) | {old.partition(".")[0] for old in renamed}
    for section, table in document.items():
        if section not in known_sections or not isinstance(table, dict):
            yield _not_a_section(section, table)
            continue
        for name, value in table.items():
            path = f"{section}.{name}"
            key = keys().get(path) or renamed.get(path)
            if key is None:
                yield path, f"there is no setting {path}", hint(path), "it is ignored"
            elif not is_valid(key, value):
                used = f"the default, {shown(key.default)}, is used"
                yield path, f"{path} is {shown(value)}, but must be {key.allowed()}", "", used
            else:
                values[key.path] = key.native(value)
                if path != key.path:
                    yield path, f"{path} is now called {key.path}", "rename it", "its value is used"


def _not_a_section(name: str, value: object) -> Finding:
    if name in sections():
        return name, f"{name} is a section", f"write [{name}] on a line of its own and its keys below", "it is ignored"
    if isinstance(value, dict):
        near = get_close_matches(name, list(sections()), n=1)
        advice = f"did you mean [{near[0]}]" if near else "there are " + ", ".join(sections())
        return name, f"there is no section [{name}]", advice, "it is ignored"
    inside = [key.section for key in keys().values() if key.name == name]
    advice = "it belongs below " + " or ".join(f"[{section}]" for section in inside) if inside else hint(name)
    return name, f"there is no setting {name} outside of a section", advice, "it is ignored"
