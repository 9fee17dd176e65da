"""Checks single values against the schema."""

from __future__ import annotations

import json
import math
from difflib import get_close_matches
from functools import cache
from typing import Any

from config.schema import Key, keys

_LONGEST = 60
"""Most characters of a value that a message repeats."""
_SECRET_WORDS = ("api_key", "apikey", "password", "secret", "token")


def is_valid(key: Key, value: Any) -> bool:
    """Whether `value`, as TOML gives it, is allowed for `key`."""
    return bool(_validator()(dict(key.spec)).is_valid(value))


def shown(value: Any) -> str:
    """A value as TOML writes it, shortened for a message."""
    text = as_toml(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def as_toml(value: Any) -> str:
    """A value as TOML writes it."""
    return json.dumps(value, ensure_ascii=False, default=str)


def hint(path: str) -> str:
    """What to do about a key that does not exist."""
    name = path.rpartition(".")[2]
    if name.lower() in _SECRET_WORDS:
        return (
            "a secret is never kept in this file: put the server's key into the environment variable ARVIS_LLM_API_KEY"
        )
    names = {key.name: known for known, key in keys().items()}
    near = get_close_matches(path, list(keys()), n=1, cutoff=0.75) or [
        names[match] for match in get_close_matches(name, list(names), n=1, cutoff=0.75)
    ]
    return f"did you mean {near[0]}" if near else "see `arvis config show` for those there are"


@cache
def _validator() -> Any:
    # Imported on first use: it takes as long as the rest of the program's start, and most starts have nothing to check.
    from jsonschema import Draft202012Validator, validators

    def is_number(_checker: object, value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

    # TOML has "nan", which no bound excludes.
    checker = Draft202012Validator.TYPE_CHECKER.redefine("number", is_number)
    extend: Any = validators.extend
    return extend(Draft202012Validator, type_checker=checker)
