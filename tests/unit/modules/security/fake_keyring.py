"""A keyring that does what a test tells it."""

from __future__ import annotations

import threading


class KeyringLocked(Exception):
    """As the package keyring calls it."""


class FakeKeyring:
    """Keeps values in memory.

    Args:
        error: Raised by every call.
        hangs: Whether calls wait until `let_go`.
    """

    priority = 5

    def __init__(self, error: Exception | None = None, *, hangs: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.error = error
        self.hangs = hangs
        self.let_go = threading.Event()
        self.calls = 0

    def get_password(self, service: str, name: str) -> str | None:
        self._obey()
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, value: str) -> None:
        self._obey()
        self.kept[service, name] = value

    def delete_password(self, service: str, name: str) -> None:
        self._obey()
        del self.kept[service, name]

    def _obey(self) -> None:
        self.calls += 1
        if self.hangs:
            self.let_go.wait(20)
        if self.error is not None:
            raise self.error
