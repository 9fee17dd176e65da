"""A lazy table of engines: names map to "module:attribute", and nothing is imported before it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, cast

from utils.errors import ArvisError

T = TypeVar("T")


class UnknownEngineError(ArvisError):
    """A name that no registry has."""

    stage = "registry"


class Registry(Generic[T]):
    """Creates engines of one kind by name.

    Args:
        kind: What the engines are, in words for messages, for example "voice engine".
        table: Name to "module:attribute"; the attribute is called with the engine's parameters.
    """

    def __init__(self, kind: str, table: Mapping[str, str]) -> None:
        self._kind = kind
        self._table = dict(table)

    def names(self) -> tuple[str, ...]:
        """All names, in the order of preference in which they were registered."""
        return tuple(self._table)

    def create(self, name: str, **parameters: Any) -> T:
        """Build the engine `name` with its parameters.

        Raises:
            UnknownEngineError: There is no such engine; the message lists those there are.
        """
        target = self._table.get(name)
        if target is None:
            raise UnknownEngineError(
                "unknown-engine",
                f"There is no {self._kind} named '{name}'. Choose one of: {', '.join(self._table)}.",
            )
        module, _, attribute = target.partition(":")
        factory = cast(Callable[..., T], getattr(importlib.import_module(module), attribute))
        return factory(**parameters)
