"""Rules for values that JSON Schema has no words for; the schema names them as x-check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from config.hotkey import is_hotkey


def is_address(text: str) -> bool:
    """Whether `text` is the address of a server, with a port that exists and without a name or a password in it."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # brackets that do not match, or a port that is no number
        return False
    named = bool(parts.hostname) and text.isprintable() and " " not in text
    return parts.scheme in ("http", "https") and named and port != 0 and "@" not in parts.netloc


def has_distinct_names(items: Sequence[str]) -> bool:
    """Whether no two of these "name=value" have the same name."""
    names = [item.partition("=")[0] for item in items]
    return len(set(names)) == len(names)


CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "hotkey": is_hotkey,
    "address": is_address,
    "distinct-names": has_distinct_names,
}
"""By name; each takes a value that JSON Schema allows."""
