"""Where a setting stands: its value, where that comes from, and whether the dialog can change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from config.loader import Loaded
from config.origin import origin
from config.schema import keys


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is to show of one setting."""

    value: Any
    """What is in force; or what the file wants, where that is allowed and yet set aside."""
    source: str
    """Where the value comes from, in words."""
    place: str = ""
    """The same with the whole path of the file."""
    fixed: str = ""
    """Why the dialog cannot change it, and where to do so; empty where it can."""
    in_file: bool = False
    """Whether the user's file says something of it, so that it can be reset."""
    trouble: str = ""
    """What is wrong with what a file or the environment says of it."""


def standing(loaded: Loaded, path: str) -> Standing:
    """Where a setting stands."""
    key, file = keys()[path], loaded.layers[0]
    source = loaded.sources[path]
    wrong = [problem for problem in loaded.problems if problem.key in (path, key.variable) and not problem.harmless]
    value = loaded.settings.get(path)
    if source == "default" and path in file.values:
        value = key.native(file.values[path])
    return Standing(
        value=value,
        source=_words(loaded, path),
        place=origin(loaded, path),
        fixed=_fixed(loaded, path),
        in_file=path in file.values or any(problem.place == str(file.path) for problem in wrong),
        trouble=" ".join(map(str, wrong)),
    )


def standings(loaded: Loaded) -> dict[str, Standing]:
    """Where every setting stands. Takes some milliseconds for a file in which everything is set."""
    return {path: standing(loaded, path) for path in keys()}


def _words(loaded: Loaded, path: str) -> str:
    source, file = loaded.sources[path], loaded.layers[0]
    if source == "default" and path in file.values:
        line = file.line(path)
        return f"Set in {file.path.name}, line {line}, and does not count" if line else "Set aside"
    if source == "default":
        return "Default"
    if source in ("environment", "command line"):
        return f"Set by {'the ' if source == 'command line' else ''}{origin(loaded, path)}"
    layer = loaded.layers[("file", "profile").index(source)]
    return "Set in " + origin(loaded, path).removeprefix(str(layer.path.parent)).lstrip("/\\")


def _fixed(loaded: Loaded, path: str) -> str:
    match loaded.sources[path]:
        case "environment":
            return f"It cannot be changed here: change the variable {keys()[path].variable}, and start Arvis again."
        case "command line":
            return "It cannot be changed here: start Arvis without it."
        case "profile":
            return f"It cannot be changed here: the profile {loaded.profile} sets it, in {origin(loaded, path)}."
        case _:
            return ""
