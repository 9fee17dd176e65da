"""The passphrase of the lock, as a hash in a file that only its owner can read."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modules.security.base import LockError
from utils.files import explained, locked, write_atomic

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 8
"""Characters of a passphrase: with the throttle of wrong tries that is more than anybody tries by hand."""
LONGEST = 1024
"""Characters; more would only make the hash slow."""
_VERSION = 1
_NO_MEMORY = -22
"""ARGON2_MEMORY_ALLOCATION_ERROR of argon2.h."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What checking one passphrase costs, as parameters of Argon2id.

    The defaults are the second recommendation of RFC 9106 (64 MiB, three passes) with one lane instead of four: nobody
    needs threads for one check, and it takes 130 ms where four lanes on two cores take 90 ms.
    """

    passes: int = 3
    kibibytes: int = 65_536
    lanes: int = 1


def encoded(passphrase: str) -> bytes:
    """The bytes that are hashed: the same for every way in which keyboards compose the same characters."""
    return unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")


def is_short_of_memory(error: Exception) -> bool:
    """Whether an error of argon2 means that the machine is short of memory, and not that what it was given is wrong."""
    from argon2.low_level import error_to_str

    return str(error) == error_to_str(_NO_MEMORY)


class PassphraseFile:
    """Keeps the hash of one passphrase. Calls that hash take 100 ms and more, and belong in a worker thread.

    Args:
        path: The file; it need not exist.
        cost: Of one check; a hash that was made with another is replaced when its passphrase has been right.
    """

    def __init__(self, path: Path, cost: Cost | None = None) -> None:
        self.path = path
        self._cost = cost or Cost()

    @property
    def exists(self) -> bool:
        """Whether there is a passphrase; also when its file is damaged or closed, so that damage opens nothing."""
        try:
            return self.path.exists() or self.path.is_symlink()
        except OSError:
            return True

    def matches(self, passphrase: str) -> bool:
        """Whether this is the passphrase.

        Raises:
            LockError: The file is damaged or cannot be read, or there is not enough memory.
            utils.files.FileError: The file cannot be written, where its hash is to be replaced.
        """
        from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

        hasher, stored = self._hasher(), self._read()
        try:
            hasher.verify(stored, encoded(passphrase))
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError) as error:
            raise (_no_memory() if is_short_of_memory(error) else self._damaged()) from error
        if hasher.check_needs_rehash(stored):
            self.write(passphrase)
        return True

    def write(self, passphrase: str) -> None:
        """Have this passphrase from now on.

        Raises:
            LockError: It is too short or too long, or there is not enough memory.
            utils.files.FileError: The file cannot be written.
        """
        from argon2.exceptions import HashingError

        if not SHORTEST <= len(passphrase) <= LONGEST:
            raise LockError(
                "bad-passphrase",
                f"A passphrase has {SHORTEST} to {LONGEST} characters. Choose another one; a few words are good.",
            )
        try:
            document = {"version": _VERSION, "hash": self._hasher().hash(encoded(passphrase))}
        except HashingError as error:
            raise _no_memory() from error
        with locked(self.path):
            write_atomic(self.path, json.dumps(document).encode() + b"\n")

    def remove(self) -> None:
        """Have no passphrase from now on.

        Raises:
            utils.files.FileError: The file cannot be removed.
        """
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise explained(self.path, error) from error

    def _read(self) -> str:
        try:
            document = json.loads(self.path.read_bytes())
            stored = document["hash"]
        except OSError as error:
            raise LockError("unreadable", f"{self.path} cannot be read: {error.strerror or error}.") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._damaged() from error
        if not isinstance(stored, str) or document.get("version") != _VERSION:
            raise self._damaged()
        return stored

    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        return PasswordHasher(self._cost.passes, self._cost.kibibytes, self._cost.lanes)

    def _damaged(self) -> LockError:
        return LockError(
            "damaged",
            f"The file of the passphrase is damaged, so nothing can open the lock. Delete {self.path} to begin again "
            "without a passphrase.",
        )


def _no_memory() -> LockError:
    return LockError(
        "no-memory",
        "There is not enough memory to check a passphrase. Close other programs and try again.",
        retryable=True,
    )
