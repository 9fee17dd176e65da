"""Compares what a settings file says with the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from config.schema import VERSION, VERSION_KEY, Key, keys, sections
from config.validation import complaint, hint, is_secret, printable, shown

MOST_STRANGERS = 20
"""So many names that do not exist are told one by one; finding what each may have meant takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, before its line is known; the fields are those of `Problem`."""

    key: str
    wrong: str
    allowed: str = ""
    used: str = "it is ignored"
    harmless: bool = False


def check(tables: Mapping[str, Any], values: dict[str, Any], *, over: str = "") -> Iterator[Finding]:
    """Put the valid values of a parsed file into `values`, by path, and yield what is wrong with the others.

    Args:
        tables: The file, parsed.
        values: Filled with its valid values, and with the safe ones in place of some that are not.
        over: Over what the file lies, for example "the settings file"; empty for the defaults.
    """
    renamed = {old: key for key in keys().values() for old in key.old_paths}
    old_sections = {old.partition(".")[0] for old in renamed}
    strangers = []
    for section, table in tables.items():
        if section == VERSION_KEY:
            yield from _check_version(table)
        elif not isinstance(table, dict) or not (section in sections() or section in old_sections):
            strangers.append(section)
        else:
            for name, value in table.items():
                path = f"{section}.{name}"
                key = keys().get(path) or renamed.get(path)
                if key is None:
                    strangers.append(path)
                elif path != key.path and _has(tables, key):
                    yield Finding(path, f"{path} is an earlier name of {key.path}, which is there, too")
                else:
                    yield from _check_value(path, key, value, values, over)
    for stranger in strangers[:MOST_STRANGERS]:
        yield _stranger(stranger, tables)
    if len(strangers) > MOST_STRANGERS:
        more = len(strangers) - MOST_STRANGERS
        yield Finding(
            strangers[MOST_STRANGERS], f"there are {more} more names that mean nothing", "", "they are ignored"
        )


def _has(tables: Mapping[str, Any], key: Key) -> bool:
    table = tables.get(key.section)
    return isinstance(table, dict) and key.name in table


def _check_version(version: object) -> Iterator[Finding]:
    if type(version) is not int or version < 1:
        yield Finding(VERSION_KEY, f"{VERSION_KEY} is {shown(version)}, but must be a whole number from 1 to {VERSION}")
    elif version > VERSION:
        yield Finding(
            VERSION_KEY,
            f"the file is of version {shown(version)}, and this Arvis knows up to {VERSION}",
            "a newer Arvis understands it",
            "what this one does not know is ignored",
            harmless=True,
        )


def _check_value(path: str, key: Key, value: Any, values: dict[str, Any], over: str) -> Iterator[Finding]:
    wrong = complaint(key, value)
    if wrong is not None:
        used = f"what {over} says counts" if over else f"the default, {shown(key.default)}, is used"
        if key.safe != key.default:
            values[key.path] = key.safe
            used = f"{shown(key.safe)} is used, to be on the safe side"
        yield Finding(path, wrong, "", used)
        return
    values[key.path] = key.native(value)
    if path != key.path:
        advice = "`arvis config migrate` renames it"
        yield Finding(path, f"{path} is now called {key.path}", advice, "its value is used", harmless=True)


def _stranger(path: str, tables: Mapping[str, Any]) -> Finding:
    """What is wrong with a name that is no setting or no section."""
    if path not in tables:
        return Finding(path, f"there is no setting {printable(path)}", hint(path))
    if path in sections():
        return Finding(path, f"{path} is a section", f"write [{path}] on a line of its own and its keys below")
    visible = printable(path)
    if isinstance(tables[path], dict):
        near = get_close_matches(visible, list(sections()), n=1)
        advice = f"did you mean [{near[0]}]" if near else "there are " + ", ".join(sections())
        return Finding(path, f"there is no section [{visible}]", advice)
    inside = [f"[{key.section}]" for key in keys().values() if key.name == path]
    advice = hint(path) if is_secret(path) or not inside else "it belongs below " + " or ".join(inside)
    return Finding(path, f"there is no setting {visible} outside of a section", advice)
