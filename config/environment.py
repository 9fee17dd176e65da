"""Settings from environment variables named ARVIS_<SECTION>_<KEY>."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from config.problem import Problem
from config.schema import Key, keys, secrets, sections, variable_of
from config.validation import is_valid, printable, shown

PLACE = "environment"
_BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


def read(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """The valid values by path, and what is wrong with the others. An empty variable counts as not set."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for key in keys().values():
        for variable in (key.variable, *map(variable_of, key.old_paths)):
            text = environ.get(variable, "")
            if text and key.path not in values:
                problems += _read_variable(key, variable, text, values)
    problems += [_unknown(name) for name in _strangers(environ)]
    return values, problems


def parse(key: Key, text: str) -> Any:
    """The value that `text` means for `key`; None when it means none.

    A list is written with commas between its items, with semicolons where items have commas in them, or as in TOML.
    """
    if key.kind == "string":
        return text
    text = text.strip()
    if key.kind == "boolean":
        return _BOOLEANS.get(text.lower())
    if key.kind == "array":
        return _parse_list(text, key.spec.get("x-separator", ","))
    try:
        return int(text) if key.kind == "integer" else float(text)
    except ValueError:
        return None


def _parse_list(text: str, separator: str) -> list[Any] | None:
    if not text.startswith("["):
        return [part.strip() for part in text.split(separator) if part.strip()]
    try:
        parsed = tomllib.loads(f"list = {text}")
    except (ValueError, RecursionError):
        return None
    return parsed["list"] if len(parsed) == 1 else None


def _read_variable(key: Key, variable: str, text: str, values: dict[str, Any]) -> Iterator[Problem]:
    value = parse(key, text)
    if value is not None and is_valid(key, value):
        values[key.path] = key.native(value)
        if variable != key.variable:
            yield Problem(PLACE, None, variable, f"{variable} is now called {key.variable}", "", "its value is used")
        return
    used = "the variable is ignored"
    if key.safe != key.default:
        values[key.path], used = key.safe, f"{shown(key.safe)} is used, to be on the safe side"
    yield Problem(PLACE, None, variable, f"{variable} is {shown(text)}, but must be {_allowed(key)}", "", used)


def _allowed(key: Key) -> str:
    if key.kind == "array" and "enum" in key.spec["items"]:
        return "different names, separated by commas, out of " + ", ".join(key.spec["items"]["enum"])
    return key.allowed()


def _strangers(environ: Mapping[str, str]) -> Iterator[str]:
    known = {key.variable for key in (*keys().values(), *secrets().values())}
    known |= {variable_of(old) for key in keys().values() for old in key.old_paths}
    beginnings = tuple(f"ARVIS_{section}_".upper() for section in sections())
    return (name for name in environ if name.startswith(beginnings) and name not in known)


def _unknown(name: str) -> Problem:
    visible = printable(name)
    near = get_close_matches(visible, [key.variable for key in keys().values()], n=1, cutoff=0.75)
    advice = f"did you mean {near[0]}" if near else ""
    return Problem(PLACE, None, visible, f"there is no setting for {visible}", advice, "it is ignored")
