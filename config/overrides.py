"""Settings from the command line: `--set llm.threads=4`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from config.environment import parse
from config.problem import Problem, SettingsError
from config.schema import keys
from config.validation import complaint, hint, printable, shown

PLACE = "command line"


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """The texts "llm.threads=4" as a mapping; of two for one setting the last one counts.

    Raises:
        SettingsError: One is no assignment.
    """
    found = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals or not path.strip():
            raise SettingsError(
                "assignment", "A setting is given as its name and value, for example --set llm.threads=4."
            )
        found[path.strip()] = value
    return found


def read(overrides: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """The valid values by path, and what is wrong with the others. An empty text is an empty text."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for path, text in overrides.items():
        key = keys().get(path)
        if key is None:
            problems.append(
                Problem(
                    PLACE, None, printable(path), f"there is no setting {printable(path)}", hint(path), "it is ignored"
                )
            )
            continue
        value = parse(key, text)
        wrong = complaint(key, text if value is None else value)
        if wrong is None:
            values[path] = key.native(value)
            continue
        used = "it is ignored"
        if key.safe != key.default:
            values[path], used = key.safe, f"{shown(key.safe)} is used, to be on the safe side"
        problems.append(Problem(PLACE, None, path, wrong, "", used))
    return values, problems
