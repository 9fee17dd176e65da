"""How long it takes to connect, as the HTTP client tells it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

_STEPS = ("connection.connect_tcp", "connection.start_tls")
"""Steps that a connect time-out holds for, each by itself (documentation of HTTPCore, "Extensions")."""


def connect_observer(observe: Callable[[float], object]) -> Callable[[str, Mapping[str, Any]], Awaitable[None]]:
    """A value for a request's extension "trace" that passes on the seconds of each step of connecting.

    A request over a connection that is open already has none.
    """
    begun: dict[str, float] = {}

    async def trace(event: str, information: Mapping[str, Any]) -> None:
        step, _, phase = event.rpartition(".")
        if step not in _STEPS:
            return
        if phase == "started":
            begun[step] = time.perf_counter()
        elif phase == "complete" and step in begun:
            observe(time.perf_counter() - begun.pop(step))

    return trace
