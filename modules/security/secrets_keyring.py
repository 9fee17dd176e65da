"""Secrets in the keyring of the desktop (Secret Service, KWallet, macOS Keychain, Windows Credential Locker)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from modules.security.base import SecretError
from modules.security.secrets import SECRETS

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "arvis"
"""Under this name the keyring shows them to the user."""
RECOMMENDED = 1
"""Priority from which on keyring's back ends protect what they keep; below are plain text files and nothing at all."""


class KeyringSecrets:
    """Secrets in the keyring, as long as it answers.

    Args:
        seconds: How long it may take for one answer. A keyring that took longer once is not asked again.
        find: Finds the back end; None for the one that the package keyring chooses.
    """

    place = "keyring"

    def __init__(self, seconds: float, find: Callable[[], Any] | None = None) -> None:
        self._seconds = seconds
        self._find = find or _find
        self._backend: KeyringBackend | None = None
        self._sought = False
        self._hangs = False

    @property
    def usable(self) -> bool:
        """Whether there is a keyring that protects what it keeps, and answers."""
        if not self._sought:
            self._sought = True
            with contextlib.suppress(SecretError):
                self._backend = self._call(self._find)
        return self._backend is not None and not self._hangs

    def get(self, name: str) -> str | None:
        """A secret; None where it has no value, or there is no keyring.

        Raises:
            SecretError: The keyring does not give it.
        """
        if not self.usable or self._backend is None:
            return None
        value: str | None = self._call(self._backend.get_password, SERVICE, name)
        return value

    def set(self, name: str, value: str) -> None:
        """Keep a secret.

        Raises:
            SecretError: The keyring does not take it.
        """
        if self.usable and self._backend is not None:
            self._call(self._backend.set_password, SERVICE, name, value)

    def delete(self, name: str) -> bool:
        """Forget a secret; False when there was none.

        Raises:
            SecretError: The keyring does not let it go.
        """
        if self.get(name) is None or self._backend is None:
            return False
        self._call(self._backend.delete_password, SERVICE, name)
        return True

    def names(self) -> tuple[str, ...]:
        """The secrets that have a value; the user may have to unlock the keyring for that.

        Raises:
            SecretError: The keyring does not say.
        """
        return tuple(name for name in SECRETS if self.get(name) is not None)

    def _call(self, function: Callable[..., T], *arguments: str) -> T:
        """Call the keyring on a thread of its own, which is left behind when there is no answer."""
        if self._hangs:
            raise _hanging(self._seconds)
        answer: list[T] = []
        failure: list[Exception] = []

        def run() -> None:
            try:
                answer.append(function(*arguments))
            except Exception as error:  # noqa: BLE001  # back ends raise errors of D-Bus, of ctypes, and their own
                failure.append(error)

        thread = threading.Thread(target=run, name="keyring", daemon=True)
        thread.start()
        thread.join(self._seconds)
        if answer:
            return answer[0]
        if failure:
            # Without the error itself: its words, and what it carries along, are not ours to vouch for.
            raise _failed(failure[0]) from None
        self._hangs = True
        raise _hanging(self._seconds)


def _find() -> KeyringBackend | None:
    """The back end that is to be used; None where there is none that protects what it keeps."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen: Any = keyring.get_keyring()
    # A chain passes on to the next what the first refuses, which may be one that protects nothing.
    candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return next((backend for backend in candidates if backend.priority >= RECOMMENDED), None)


def _failed(error: Exception) -> SecretError:
    if type(error).__name__ == "KeyringLocked":
        return SecretError("locked", "The keyring of this desktop is locked. Unlock it and try again.", retryable=True)
    return SecretError(
        "keyring-failed",
        f"The keyring of this desktop does not work ({type(error).__name__}). Unlock it and try again, or use the "
        "environment variable.",
        retryable=True,
    )


def _hanging(seconds: float) -> SecretError:
    return SecretError(
        "keyring-hangs",
        f"The keyring of this desktop did not answer within {seconds:.0f} seconds. Start Arvis again once it does, or "
        "use the environment variable.",
    )
