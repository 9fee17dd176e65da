"""The settings in the order of the dialog, and which of them a search finds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from config.schema import Key, keys, secrets

WHOLE = 3
"""Letters from which on a word of a search is looked for everywhere."""


@cache
def groups() -> Mapping[str, tuple[Key, ...]]:
    """The settings and secrets of each group, both in the order in which they are shown."""
    found: dict[str, list[Key]] = {}
    for key in (*keys().values(), *secrets().values()):
        found.setdefault(group_of(key), []).append(key)
    return MappingProxyType({name: tuple(sorted(inside, key=_order)) for name, inside in found.items()})


def group_of(key: Key) -> str:
    """The group of a setting."""
    return str(key.spec["x-group"])


def title_of(key: Key) -> str:
    """The name of a setting for people."""
    return str(key.spec["title"])


def description_of(key: Key) -> str:
    """What a setting does."""
    return str(key.spec["description"])


def unit_of(key: Key) -> str:
    """The unit of a number; empty where it has none."""
    return str(key.spec.get("x-unit", ""))


def matches(key: Key, query: str) -> bool:
    """Whether every word of a search is in what the dialog shows of a setting; an empty search finds everything.

    A word of one or two letters is in nearly every description, so it has to begin a word of the name.
    """
    name = " ".join((title_of(key), group_of(key), key.path, unit_of(key))).casefold()
    text = f"{name} {description_of(key)}".casefold()
    return all(
        word in text if len(word) >= WHOLE else re.search(rf"(?<![^\W_]){re.escape(word)}", name) is not None
        for word in query.casefold().split()
    )


def _order(key: Key) -> int:
    return int(key.spec["x-order"])
