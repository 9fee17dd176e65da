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
