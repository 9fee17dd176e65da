"""Tracebacks for the log: where it happened in full, what was said only where that cannot be words."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from utils.discretion import WITHHELD, outline, words_allowed
from utils.errors import ArvisError

_OF_THE_INTERPRETER = (ImportError, AttributeError, NameError, ArithmeticError, MemoryError, RecursionError)
"""Their messages name parts of programs, never what a program was given."""


def describe(error: BaseException) -> str:
    """An exception in one line: its kind, and its message where that cannot hold words of a conversation."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    message = str(error) if words_allowed() else _harmless(error)
    return f"{name}: {message}" if message else name


def render(error: BaseException) -> str:
    """An exception with its traceback, and before it those that it came from, as Python prints them."""
    return "\n".join(_parts(error, set())).rstrip()


def _harmless(error: BaseException) -> str:
    if isinstance(error, ArvisError):
        return f"[{error.code}] {outline(error.message)}"
    if isinstance(error, OSError) and error.errno is not None:
        names = [repr(name) for name in (error.filename, error.filename2) if name is not None]
        return " ".join([f"[Errno {error.errno}] {error.strerror}", *names])
    if isinstance(error, _OF_THE_INTERPRETER):
        return str(error)
    return WITHHELD if str(error) else ""


def _parts(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    cause = error.__cause__
    origin = cause if cause is not None else None if error.__suppress_context__ else error.__context__
    if origin is not None and id(origin) not in seen:
        yield from _parts(origin, seen)
        yield "\nFrom it came:\n" if cause is not None else "\nWhile it was handled, there was:\n"
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):"
        yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    yield describe(error)
    if isinstance(error, BaseExceptionGroup):
        for number, inner in enumerate(error.exceptions, 1):
            yield f"\nPart {number} of it:\n"
            yield from _parts(inner, seen)
