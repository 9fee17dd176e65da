"""A lock that opens in a millisecond, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

from modules.security.lock import Lock
from modules.security.roles import Role
from tests.unit.modules.security.cheap import CHEAP, Clock, Told

PASSPHRASE = "open sesame"


def locked_for(
    folder: Path, role: Role, *, minutes: float = 0.0, clock: Clock | None = None, told: Told | None = None
) -> Lock:
    """A lock with the passphrase "open sesame", locked as it is when Arvis starts."""
    made = Lock(folder, role=role, cost=CHEAP)
    made.set_passphrase("", PASSPHRASE)
    return Lock(folder, role=role, idle_minutes=minutes, record=told or Told(), clock=clock or Clock(), cost=CHEAP)
