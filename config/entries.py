"""Puts single settings into a TOML document, and takes them out, with the comments around them left where they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, MutableSequence
from typing import TYPE_CHECKING, Any

from config.problem import SettingsError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import Item, Key

    Body = MutableSequence[tuple[Key | None, Item]]


def put(document: TOMLDocument, path: str, value: Any) -> None:
    """Give the setting at `path`, "section.name", this value, where it stands, or else behind the last of its section.

    Raises:
        SettingsError: Something else stands where the section should be.
    """
    import tomlkit
    from tomlkit.items import Table

    section, _, name = path.partition(".")
    value = list(value) if isinstance(value, tuple) else value
    if section not in document:
        document[section] = tomlkit.table()
    table: Any = document[section]
    if not _is_table(table):
        raise SettingsError(
            "not-a-section", f"In the settings file, {section} must be a section. Correct it with `arvis config edit`."
        )
    if name in table:
        if not same(document.unwrap()[section][name], value):
            table[name] = value
        return
    tail = _cut_tail(table.value.body) if isinstance(table, Table) else []
    table[name] = value
    if tail:
        table.value.body.extend(tail)


def drop(document: TOMLDocument, path: str) -> None:
    """Remove what stands at `path`, if anything does, and its section where nothing is left in it."""
    from tomlkit.items import InlineTable, Table

    section, _, name = path.partition(".")
    table: Any = document.get(section)
    if not name or not _is_table(table) or name not in table:
        return
    del table[name]
    table = document.get(section)
    if isinstance(table, Table | InlineTable) and not len(table):
        is_bare = isinstance(table, InlineTable) or not table.as_string().strip()
        if is_bare and not table.trivia.comment:
            del document[section]


def rename(document: TOMLDocument, old: str, new: str) -> TOMLDocument:
    """The document with another name for a setting of a section, at the same place; one that is there already wins."""
    import tomlkit
    from tomlkit.items import SingleKey

    section, _, name = old.partition(".")
    _, _, new_name = new.partition(".")
    values = document.unwrap().get(section)
    if not isinstance(values, dict) or name not in values:
        return document
    if new_name in values:
        drop(document, old)
        return document
    for body in _bodies(document, section):
        for place, (key, item) in enumerate(body):
            if key is not None and key.key == name:
                written = key.as_string()
                written = written.replace(written.strip(), new_name)  # with the spaces around it
                body[place] = (SingleKey(new_name, sep=key.sep, original=written), item)
    return tomlkit.parse(document.as_string())


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by path, out of sections."""
    found: dict[str, Any] = {}
    for section, table in values.items():
        if isinstance(table, Mapping):
            found |= {f"{section}.{name}": value for name, value in table.items()}
        else:
            found[section] = table
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two values of TOML are the same, of the same types; "nan" is the same as "nan"."""
    return _canonical(one) == _canonical(other)


def _is_table(item: object) -> bool:
    return isinstance(item, Mapping)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _cut_tail(body: Body) -> list[tuple[Key | None, Item]]:
    """Take off what follows the last entry: blank lines, and the comment that belongs to the next section."""
    end = max((place + 1 for place, (key, _) in enumerate(body) if key is not None), default=0)
    tail = list(body[end:])
    del body[end:]
    return tail


def _bodies(document: TOMLDocument, section: str) -> Iterator[Body]:
    """The entries of a section; it is in several pieces where it is written as dotted keys."""
    from tomlkit.items import InlineTable, Table

    for key, item in document.body:
        if key is not None and key.key == section and isinstance(item, Table | InlineTable):
            yield item.value.body
