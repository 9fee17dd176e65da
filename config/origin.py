"""Where the value of each setting comes from, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.schema import keys

if TYPE_CHECKING:
    from config.loader import Loaded


def origin(loaded: Loaded, path: str) -> str:
    """Where the value of one setting comes from: "default", file and line, the variable, or "command line"."""
    source = loaded.sources[path]
    if source == "environment":
        return f"environment {keys()[path].variable}"
    if source in ("default", "command line"):
        return source
    layer = loaded.layers[("file", "profile").index(source)]
    line = layer.line(path)
    return str(layer.path) if line is None else f"{layer.path}, line {line}"


def unchosen(loaded: Loaded, path: str) -> str:
    """What is wrong where a setting has a value that nobody chose, to be on the safe side; else empty.

    A file that broke while Arvis runs counts too, although what was read before stays in force.
    """
    key, source = keys()[path], loaded.sources[path]
    if loaded.settings.get(path) != key.safe or key.safe == key.default:
        return ""
    place: str = source
    if source in ("file", "profile"):
        layer = loaded.layers[("file", "profile").index(source)]
        if layer.broken:
            return layer.problems[0].refusal
        place = str(layer.path)
    wrong = (one for one in loaded.problems if one.place == place and one.key in (path, *key.old_paths, key.variable))
    return next((one.refusal for one in wrong if not one.harmless), "")
