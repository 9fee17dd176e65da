"""Servers of figures: those that this process collects, and those that another one stores."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modules.metrics.collector import MetricsCollector
from modules.metrics.exposition import Exposition
from modules.metrics.follower import MISSED, Follower
from modules.metrics.server import Health, MetricsServer


def serve_collector(
    collector: MetricsCollector, live: Health, ready: Health, *, port: int, token: str = ""
) -> MetricsServer:
    """Serve what this process collects; the server is open when this returns.

    Args:
        collector: Has the figures.
        live: Whether the program runs; from any thread.
        ready: Whether it can be used; from any thread.
        port: 0 for any that is free.
        token: What readers have to show; empty for none.

    Raises:
        MetricsError: The port cannot be used.
    """
    server = MetricsServer(Exposition(collector.series).page, live, ready, port=port, token=token)
    server.open()
    return server


def serve_folder(
    folder: Path, *, port: int, token: str = "", interval: float = 10.0, clock: Callable[[], float] = time.time
) -> MetricsServer:
    """Serve what Arvis stores in a folder; it is ready as long as Arvis goes on storing.

    Args:
        folder: Of the store; it may come into being later.
        port: 0 for any that is free.
        token: What readers have to show; empty for none.
        interval: Seconds between two looks at the machine.
        clock: Unix seconds.

    Raises:
        MetricsError: The port cannot be used.
    """
    follower = Follower(folder, MetricsCollector(clock=clock), interval)

    def page(accept: str) -> tuple[bytes, str]:
        follower.catch_up()
        return exposition.page(accept)

    def ready() -> tuple[bool, dict[str, Any]]:
        follower.catch_up()
        runs = abs(clock() - follower.newest) <= MISSED * interval
        return runs, {"status": "running" if runs else "not running"}

    exposition = Exposition(lambda: follower.series(clock()))
    server = MetricsServer(page, lambda: (True, {"status": "live"}), ready, port=port, token=token)
    server.open()
    return server
