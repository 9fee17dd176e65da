"""The lock: who one is until the passphrase has been given."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from modules.security.base import LockError, Record, ignore
from modules.security.clock import uptime
from modules.security.events import Event
from modules.security.passphrase import Cost, PassphraseFile
from modules.security.roles import AccessPolicy, Permission, Role, default_policy
from modules.security.throttle import Throttle
from utils.files import locked

PASSPHRASE_FILE = "passphrase.json"
TRIES_FILE = "tries.json"
REFUSAL_SECONDS = 60.0
"""The same refusal is written into the audit log once in so long."""


@dataclass(frozen=True, slots=True)
class LockState:
    """How things are."""

    locked: bool = False
    can_lock: bool = False
    """Whether there is a passphrase, and a role other than the owner's for who has not given it."""
    role: Role = Role.OWNER
    """Who one is now."""
    allowed: tuple[Permission, ...] = tuple(Permission)
    """What one may do now."""
    wait: float = 0.0
    """Seconds until a passphrase may be tried again."""
    refusal: str = ""
    """Why it did not open, in one sentence; empty when nobody has tried."""


class Lock:
    """Opens with the passphrase; closes when told to, when nobody has done anything for long, and when Arvis starts.

    Without a passphrase, and with the owner's role for everybody, it is always open. `unlock`, `set_passphrase` and
    `remove_passphrase` take 100 ms and more and wait for other processes: they belong in a worker thread. The rest is
    quick, and safe on any thread.

    Args:
        folder: Where passphrase and wrong tries are kept; made when it is needed.
        role: Who one is while it is locked.
        idle_minutes: It locks itself after so long without `touch`; 0 = never.
        record: Writes the audit log.
        policy: What each role may do; None for the one that Arvis comes with.
        clock: Seconds, those in which the machine slept included.
        cost: Of checking a passphrase.
    """

    def __init__(
        self,
        folder: Path,
        *,
        role: Role = Role.OWNER,
        idle_minutes: float = 0.0,
        record: Record = ignore,
        policy: AccessPolicy | None = None,
        clock: Callable[[], float] = uptime,
        cost: Cost | None = None,
    ) -> None:
        self._folder = folder
        self._passphrase = PassphraseFile(folder / PASSPHRASE_FILE, cost)
        self._throttle = Throttle(folder / TRIES_FILE, clock)
        self._record = record
        self._policy = policy or default_policy()
        self._clock = clock
        self._role = role
        self._idle_seconds = idle_minutes * 60.0
        self._touched = clock()
        self._refused: dict[str, float] = {}
        self._guard = threading.Lock()
        self._closed = self.can_lock

    # --- how things are -----------------------------------------------------------------------------------------

    @property
    def has_passphrase(self) -> bool:
        """Whether one is set."""
        return self._passphrase.exists

    @property
    def file(self) -> Path:
        """The file of the passphrase; whoever deletes it needs none."""
        return self._passphrase.path

    @property
    def can_lock(self) -> bool:
        """Whether locking would keep anybody from anything."""
        return self._role is not Role.OWNER and self.has_passphrase

    @property
    def is_locked(self) -> bool:
        """Whether the passphrase is wanted now; a passphrase that is removed meanwhile leaves it open."""
        return self._closed and self.can_lock

    @property
    def watches(self) -> bool:
        """Whether it would lock itself after a while."""
        return self._idle_seconds > 0 and self.can_lock and not self._closed

    @property
    def role(self) -> Role:
        """Who one is now."""
        return self._role if self.is_locked else Role.OWNER

    def state(self, refusal: str = "") -> LockState:
        """All of it at once."""
        role, is_locked = self.role, self.is_locked
        wait = self._throttle.wait if is_locked else 0.0
        return LockState(is_locked, self.can_lock, role, self._policy.allowed(role), wait, refusal)

    def may(self, permission: str) -> bool:
        """Whether one may do it now; False for what is not known."""
        return self._policy.may(self.role, permission)

    def refuse(self, permission: str) -> None:
        """Write down that somebody wanted to do what he may not; the same at most once a minute."""
        now, last = self._clock(), self._refused.get(permission)
        if last is None or now - last >= REFUSAL_SECONDS:
            self._refused[permission] = now
            self._record(Event.PERMISSION_REFUSED, permission=str(permission), role=self.role)

    # --- closing ------------------------------------------------------------------------------------------------

    def lock(self, reason: str = "asked") -> None:
        """Want the passphrase from now on.

        Raises:
            LockError: It would keep nobody from anything.
        """
        if not self.has_passphrase:
            raise LockError("no-passphrase", "There is no passphrase to unlock with. Set one with: arvis lock set")
        if self._role is Role.OWNER:
            raise LockError(
                "nothing-to-lock",
                "Locked, everybody could still do everything, because the setting security.role is 'owner'. "
                "Set it to 'user' or 'guest', and lock again.",
            )
        if not self._closed:
            self._closed = True
            self._refused.clear()
            self._record(Event.LOCKED, reason=reason, role=self._role)

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = self._clock()

    def lock_if_idle(self) -> bool:
        """Lock when nobody has been there for long; True when that was so just now."""
        if not self.watches or self._clock() - self._touched < self._idle_seconds:
            return False
        self.lock("idle")
        return True

    def configure(self, role: Role, idle_minutes: float) -> None:
        """Take other settings: who one is while it is locked, and after how many minutes it locks itself."""
        self._role, self._idle_seconds = role, idle_minutes * 60.0
        self.touch()

    # --- the passphrase -----------------------------------------------------------------------------------------

    def unlock(self, passphrase: str) -> None:
        """Open it.

        Raises:
            LockError: The passphrase is wrong ("wrong-passphrase"), it is too soon after wrong ones ("too-many-tries"),
                or its file is damaged.
            utils.files.FileError: The try cannot be written down.
        """
        if not self.is_locked:
            self._closed = False
            return
        self._check(passphrase)
        self.touch()
        self._closed = False
        self._record(Event.UNLOCKED)

    def set_passphrase(self, old: str, new: str) -> None:
        """Have a passphrase, or another one; whoever sets it has unlocked with it.

        Args:
            old: The present one; anything where there is none.
            new: The one from now on.

        Raises:
            LockError: As `unlock`, or the new one is too short or too long.
            utils.files.FileError: It cannot be written.
        """
        changed = self.has_passphrase
        if changed:
            self._check(old)
        self._passphrase.write(new)
        self._closed = False
        self._record(Event.PASSPHRASE_SET, changed=changed)

    def remove_passphrase(self, old: str) -> None:
        """Have none from now on.

        Raises:
            LockError: As `unlock`.
            utils.files.FileError: It cannot be removed.
        """
        if self.has_passphrase:
            self._check(old)
            self._passphrase.remove()
            self._record(Event.PASSPHRASE_REMOVED)
        self._closed = False

    def _check(self, passphrase: str) -> None:
        """Return when it is the right one. A try counts before it is made, so that ending the process saves nothing."""
        with self._guard, locked(self._throttle.path):
            wait = self._throttle.wait
            if wait > 0:
                raise LockError(
                    "too-many-tries", f"Too many wrong tries. Try again in {in_words(wait)}.", retryable=True
                )
            self._throttle.count()
            if not self._passphrase.matches(passphrase):
                self._record(Event.WRONG_PASSPHRASE, failures=self._throttle.failures)
                raise LockError("wrong-passphrase", "That is not the passphrase. Try again.", retryable=True)
            self._throttle.forgive()


def in_words(seconds: float) -> str:
    """A time to wait, rounded up: "8 seconds", "2 minutes"."""
    whole = math.ceil(seconds)
    number, unit = (whole, "second") if whole < 120 else (math.ceil(whole / 60), "minute")
    return f"{number} {unit}" + ("" if number == 1 else "s")
