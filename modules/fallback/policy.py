"""How patient a chain of engines is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FallbackPolicy:
    """When an engine is no longer asked, and when it is tried again."""

    failures: int = 3
    """Failures within `window_seconds` from which on an engine is left alone, 1 or more."""
    recovery_seconds: float = 30.0
    """Until an engine that is left alone is tried again; twice as long after each try that fails."""
    warm_standby: bool = False
    """Whether the next engine is loaded while nothing else is going on, so that it is there at once when needed."""
    window_seconds: float = 300.0
    """Failures longer ago are forgotten."""
