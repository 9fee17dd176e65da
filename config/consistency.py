"""Settings that are allowed one by one and make no sense together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config import environment, overrides
from config.layer import Layer
from config.problem import Problem

_FROM, _TO = "notifications.quiet_from", "notifications.quiet_to"


def settle(values: dict[str, Any], sources: dict[str, Any], layers: Sequence[Layer]) -> list[Problem]:
    """Take what contradicts itself out of `values` and `sources`, and say so.

    Args:
        values: Valid values by path, of all sources together.
        sources: For each path, where its value comes from.
        layers: The user's own file, and that of the profile if there is one.
    """
    begin, end = values.get(_FROM, ""), values.get(_TO, "")
    if bool(begin) == bool(end) and (begin != end or not begin):
        return []
    path, other = (_FROM, _TO) if begin else (_TO, _FROM)
    wrong = f"{_FROM} and {_TO} are the same" if begin and end else f"{path} is set without {other}"
    place, line = _origin(path, sources[path], layers)
    for name in (_FROM, _TO):
        values.pop(name, None)
        sources[name] = "default"
    return [Problem(place, line, path, wrong, "quiet hours have a beginning and an end", "there are no quiet hours")]


def _origin(path: str, source: str, layers: Sequence[Layer]) -> tuple[str, int | None]:
    if source in (environment.PLACE, overrides.PLACE):
        return source, None
    layer = layers[("file", "profile").index(source)]
    return str(layer.path), layer.line(path)
