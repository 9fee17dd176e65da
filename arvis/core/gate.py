"""Who may do what just now, and whether the microphone may be open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modules.security.lock import Lock, LockState
from modules.security.roles import Permission
from modules.turn.events import Notice
from utils.errors import ArvisError

_MUTED = Notice("info", "muted", "The microphone is muted. Unmute it to talk (Ctrl+M).")


@dataclass(frozen=True, slots=True)
class LockAnswered:
    """A passphrase was checked, set or removed; published when that is done."""

    done: Notice | None = None
    """What has been done, if the user is to be told."""
    refused: Notice | None = None
    """Why it was not done."""


class Gate:
    """Asks the lock, and keeps the microphone closed while the user has muted it.

    Args:
        lock: The lock; None allows everything.
    """

    def __init__(self, lock: Lock | None = None) -> None:
        self.muted = False
        self.lock = lock
        self.told = self.state()
        """How things were when the window was told last."""

    @property
    def is_closed(self) -> bool:
        """Whether the microphone has to be closed."""
        return self.muted or not self.may(Permission.TALK)

    def state(self, refusal: str = "") -> LockState:
        """How the lock is, with why it did not open."""
        return self.lock.state(refusal) if self.lock is not None else LockState()

    def may(self, permission: Permission) -> bool:
        """Whether it is allowed now."""
        return self.lock is None or self.lock.may(permission)

    def refusal(self, permission: Permission) -> Notice | None:
        """Why it may not be done now; None when it may. A refusal of the lock is written into the audit log."""
        if self.lock is not None and not self.lock.may(permission):
            self.lock.refuse(permission)
            return Notice("info", "locked", f"Arvis is locked. Unlock it with the passphrase to {permission.words}.")
        return _MUTED if self.muted and permission is Permission.TALK else None

    def close(self) -> Notice | None:
        """Lock; why it cannot be locked, or None when it is."""
        if self.lock is None:
            return None
        refused = _answer(self.lock.lock).refused
        return Notice("info", refused.code, refused.text) if refused is not None else None

    def unlock(self, passphrase: str) -> LockAnswered:
        """Try the passphrase. Takes 100 ms and more."""
        return _answer(self.lock.unlock, passphrase) if self.lock is not None else LockAnswered()

    def set_passphrase(self, old: str, new: str) -> LockAnswered:
        """Have another passphrase; none when `new` is empty. Takes 100 ms and more."""
        if self.lock is None:
            return LockAnswered()
        if not new:
            return _answer(self.lock.remove_passphrase, old, done="There is no passphrase any more.")
        return _answer(self.lock.set_passphrase, old, new, done="The passphrase is set. Ctrl+Shift+L locks Arvis.")

    def touch(self) -> None:
        """Somebody is there."""
        if self.lock is not None:
            self.lock.touch()

    def lock_if_idle(self) -> bool:
        """Lock when nobody has been there for long; True when that was so just now."""
        return self.lock is not None and self.lock.lock_if_idle()


def _answer(act: Callable[..., object], *passphrases: str, done: str = "") -> LockAnswered:
    try:
        act(*passphrases)
    except ArvisError as error:
        return LockAnswered(refused=Notice("warning", error.code, error.message))
    return LockAnswered(done=Notice("info", "passphrase", done) if done else None)
