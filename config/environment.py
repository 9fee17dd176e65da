"""Settings from environment variables named ARVIS_<SECTION>_<KEY>."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from config.problem import Problem
from config.schema import Key, keys, sections
from config.validation import is_valid, shown

SECRETS = frozenset({"ARVIS_LLM_API_KEY"})
"""Variables that are read elsewhere and are never a setting."""
PLACE = "environment"
_BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


def read(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """The valid values by path, and what is wrong with the others. An empty variable counts as not set."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for key in keys().values():
        text = environ.get(key.variable, "")
        if not text:
            continue
        value = parse(key, text)
        if value is not None and is_valid(key, value):
            values[key.path] = key.native(value)
        else:
            wrong = f"{key.variable} is {shown(text)}, but must be {_allowed(key)}"
            problems.append(Problem(PLACE, None, key.variable, wrong, "", "the variable is ignored"))
    problems += [_unknown(name) for name in _strangers(environ)]
    return values, problems


def parse(key: Key, text: str) -> Any:
    """The value that `text` means for `key`; None when it means none."""
    if key.kind == "string":
        return text
    text = text.strip()
    if key.kind == "boolean":
        return _BOOLEANS.get(text.lower())
    if key.kind == "array":
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return int(text) if key.kind == "integer" else float(text)
    except ValueError:
        return None


def _allowed(key: Key) -> str:
    if key.kind == "array":
        return "different names, separated by commas, out of " + ", ".join(key.spec["items"]["enum"])
    return key.allowed()


def _strangers(environ: Mapping[str, str]) -> Iterator[str]:
    known = {key.variable for key in keys().values()} | SECRETS
    beginnings = tuple(f"ARVIS_{section}_".upper() for section in sections())
    return (name for name in environ if name.startswith(beginnings) and name not in known)


def _unknown(name: str) -> Problem:
    near = get_close_matches(name, [key.variable for key in keys().values()], n=1, cutoff=0.75)
    advice = f"did you mean {near[0]}" if near else ""
    return Problem(PLACE, None, name, f"there is no setting for {name}", advice, "it is ignored")
