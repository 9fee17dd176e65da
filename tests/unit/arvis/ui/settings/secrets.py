"""Secrets that are kept nowhere."""

from __future__ import annotations

from collections.abc import Callable

from modules.security.base import SecretError


class FakeSecrets:
    """A store in memory; `broken` is what it says instead of working."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.environment: set[str] = set()
        self.broken = ""
        self.sentence = ""

    def open(self, waiting: Callable[[str], object]) -> FakeSecrets:
        if self.sentence:
            waiting(self.sentence)
        return self

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def set(self, name: str, value: str) -> None:
        self._check()
        self.values[name] = value

    def delete(self, name: str) -> bool:
        self._check()
        return self.values.pop(name, None) is not None

    def names(self) -> tuple[str, ...]:
        return tuple(self.values)

    def where(self, name: str) -> str:
        self._check()
        if name in self.environment:
            return "environment"
        return "keyring" if name in self.values else ""

    def _check(self) -> None:
        if self.broken:
            raise SecretError("broken", self.broken)
