"""What a trace of a turn is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from utils.errors import ArvisError


class TracingError(ArvisError):
    """Traces cannot be sent."""

    stage = "tracing"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a turn."""

    name: str
    start: float
    """Unix seconds."""
    end: float
    """Unix seconds, not before `start`."""
    attributes: Mapping[str, str | int | bool] = field(default_factory=dict)
    """Names, codes and numbers; never words that somebody said or wrote."""


@dataclass(frozen=True, slots=True)
class TurnTrace:
    """One turn: a span around its parts."""

    trace_id: str
    """32 hexadecimal digits, as in W3C Trace Context."""
    turn: Span
    parts: tuple[Span, ...]
    error: str = ""
    """Code of what made it fail; empty for a turn that did not."""
