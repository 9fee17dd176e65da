"""Checks single values against the schema, and says what is wrong with them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

from config.checks import CHECKS
from config.schema import Key, keys, secrets

_LONGEST = 60
"""Most characters of a value or of a name that a message repeats."""
# Not compiled here: most starts show no value.
_SECRET_NAME = (
    r"(?i)(^|[^a-z])(api[_-]?keys?|auth(orization)?|bearer|credentials?|pass(word|wd|phrase)|pwd|secret|token)"
    r"($|[^a-z])"
)
_SECRET_VALUE = (
    r"(?i)^(sk|pk|rk|hf|gh[a-z]|glpat|xox[a-z])[-_][a-z0-9_-]{16}|^bearer\s|^eyJ|//[^/\s]*@|[?&](api_?key|key|token)="
)
"""How keys of well-known services begin, and addresses that have a password or a key in them."""


def is_valid(key: Key, value: Any) -> bool:
    """Whether `value`, as TOML gives it, is allowed for `key`."""
    try:
        if not _validator()(dict(key.spec)).is_valid(value):
            return False
    except RecursionError:  # tables inside of tables without end
        return False
    check = key.spec.get("x-check")
    return check is None or CHECKS[check](value)


def complaint(key: Key, value: Any) -> str | None:
    """What is wrong with a value, as in "llm.threads is 99, but must be a whole number from 1 to 32"; None if nothing.

    A value that looks like a secret is not repeated.
    """
    if is_valid(key, value):
        return None
    listed = isinstance(value, list | tuple) and key.kind != "array"
    return f"{key.path} is {'a list' if listed else shown(value)}, but must be {key.allowed()}"


def is_secret(path: str) -> bool:
    """Whether the value at a path is a secret, or is one by the sound of its name; a setting never is."""
    return path in secrets() or (path not in keys() and bool(re.search(_SECRET_NAME, path)))


def shown(value: Any) -> str:
    """A value as TOML writes it, fit for a message: shortened, all characters visible, nothing secret."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        if any(isinstance(item, dict | list) for item in value):
            return "a list of tables or lists"
        if any(_looks_secret(item) for item in value):
            return "a list with something that looks like a secret"
    if _looks_secret(value):
        return "something that looks like a secret"
    return printable(as_toml(value))


def as_toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def printable(text: str, longest: int = _LONGEST) -> str:
    """A text that can be shown anywhere: shortened, and with escapes for what is no visible character."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in cut)


def hint(path: str) -> str:
    """What to do about a key that does not exist."""
    near = _nearest(path, 0.9 if is_secret(path) else 0.75)
    if near is not None and path not in secrets():
        return f"did you mean {near}"
    return _secret_hint(path) if is_secret(path) else "see `arvis config show` for those there are"


def _nearest(path: str, cutoff: float) -> str | None:
    """The setting whose path, or else whose name, is most like that of `path`."""
    name = path.rpartition(".")[2]
    names = {key.name: known for known, key in keys().items()}
    near = get_close_matches(path[: 2 * _LONGEST], list(keys()), n=1, cutoff=cutoff) or [
        names[match] for match in get_close_matches(name[:_LONGEST], list(names), n=1, cutoff=cutoff)
    ]
    return near[0] if near else None


def _secret_hint(path: str) -> str:
    section, _, name = path.rpartition(".")
    known = [key for key in secrets().values() if name == key.name or section == key.section]
    if not known:
        return "a secret is never kept in a file; `arvis config secret list` shows those there are"
    return (
        f"a secret is never kept in a file: use `arvis config secret set {known[0].path}`, "
        f"or the environment variable {known[0].variable}"
    )


def _looks_secret(value: object) -> bool:
    return isinstance(value, str) and bool(re.search(_SECRET_VALUE, value))


@cache
def _validator() -> Any:
    # Imported on first use: it takes as long as the rest of the program's start, and most starts have nothing to check.
    from jsonschema import Draft202012Validator, ValidationError, validators

    def is_number(_checker: object, value: object) -> bool:
        return type(value) is int or (isinstance(value, float) and math.isfinite(value))

    def match(_validator: object, pattern: str, value: object, _schema: object) -> Iterator[ValidationError]:
        if isinstance(value, str) and not re.search(pattern.removesuffix("$") + r"\Z" * pattern.endswith("$"), value):
            yield ValidationError("does not match")

    # JSON Schema's $ is the very end; Python's is before a line end, too. TOML has "nan", which no bound excludes.
    checker = Draft202012Validator.TYPE_CHECKER.redefine("number", is_number)
    extend: Any = validators.extend
    return extend(Draft202012Validator, {"pattern": match}, type_checker=checker)
