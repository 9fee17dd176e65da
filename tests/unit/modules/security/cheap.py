"""A passphrase that is checked in a millisecond, and a clock that a test moves."""

from __future__ import annotations

from modules.security.passphrase import Cost

CHEAP = Cost(passes=1, kibibytes=8, lanes=1)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Told:
    """Writes down what goes to the audit log."""

    def __init__(self) -> None:
        self.records: list[tuple[str, dict[str, object]]] = []

    def __call__(self, event: str, **fields: object) -> None:
        self.records.append((str(event), fields))

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.records]
