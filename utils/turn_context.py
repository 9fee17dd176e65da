"""Which turn the present task works for, so that every line of the log can say it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnContext:
    """A turn, and its trace where turns are traced."""

    turn_id: int | None = None
    trace_id: str = ""
    """32 hexadecimal digits, as W3C Trace Context has them; empty without a trace."""


_NONE = TurnContext()
_present: ContextVar[TurnContext] = ContextVar("turn", default=_NONE)


def bind_turn(turn_id: int | None, trace_id: str = "") -> None:
    """Say which turn this task, and every task that it starts from now on, works for; None for no turn."""
    _present.set(TurnContext(turn_id, trace_id) if turn_id is not None else _NONE)


def present_turn() -> TurnContext:
    """The turn that the present task works for."""
    return _present.get()
