"""Secrets in the keyring of the desktop (Secret Service, KWallet, macOS Keychain, Windows Credential Locker)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from modules.security.base import SecretError
from modules.security.secret_service import Presence, is_secret_service, look
from modules.security.secrets import SECRETS, Waiting, be_silent

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "arvis"
"""Under this name the keyring shows them to the user."""
RECOMMENDED = 1
"""Priority from which on keyring's back ends protect what they keep; below are plain text files and nothing at all."""
READING_SECONDS = 10.0
"""Nobody should wait longer for a secret before Arvis goes on without it."""
WRITING_SECONDS = 120.0
"""Somebody may have to think of a password for a new keyring."""
PATIENCE = 0.7
"""Seconds after which a keyring that has not answered is likely to wait for the user."""
WINDOW = "Waiting for the keyring of this desktop. It may have opened a window that wants an answer."


class KeyringSecrets:
    """Secrets in the keyring, as long as it answers. Nothing that only reads makes a keyring where there is none.

    Args:
        reading: Seconds that it may take to give a secret. A keyring that took longer once is not asked again.
        find: Finds the back end; None for the one that the package keyring chooses.
        writing: Seconds that it may take to keep a secret, or to let one go.
        waiting: Told, with a sentence, when the user may have to answer the keyring's window.
    """

    place = "keyring"

    def __init__(
        self,
        reading: float = READING_SECONDS,
        find: Callable[[], Any] | None = None,
        *,
        writing: float = WRITING_SECONDS,
        waiting: Waiting = be_silent,
    ) -> None:
        self._reading = reading
        self._find = find or _find
        self._writing = writing
        self._waiting = waiting
        self._backend: KeyringBackend | None = None
        self._sought = False
        self._hangs = False

    @property
    def usable(self) -> bool:
        """Whether there is a keyring that protects what it keeps, and answers."""
        if not self._sought:
            self._sought = True
            with contextlib.suppress(SecretError):
                self._backend = self._call(self._find, seconds=self._reading)
        return self._backend is not None and not self._hangs

    def get(self, name: str) -> str | None:
        """A secret; None where it has no value, or there is no keyring. The user may have to unlock the keyring.

        Raises:
            SecretError: The keyring does not give it.
        """
        if not self.usable or self._backend is None:
            return None
        if is_secret_service(self._backend) and self._look(name)[name] is Presence.ABSENT:
            return None
        get = self._backend.get_password
        value: str | None = self._call(get, SERVICE, name, seconds=self._reading, name=name, asks=True)
        return value

    def set(self, name: str, value: str) -> None:
        """Keep a secret. The user may have to unlock the keyring, or to choose the password of a new one.

        Raises:
            SecretError: The keyring does not take it.
        """
        if self.usable and self._backend is not None:
            keep = self._backend.set_password
            self._call(keep, SERVICE, name, value, seconds=self._writing, name=name, asks=True)

    def delete(self, name: str) -> bool:
        """Forget a secret; False when there was none.

        Raises:
            SecretError: The keyring does not let it go.
        """
        if self.get(name) is None or self._backend is None:
            return False
        forget = self._backend.delete_password
        self._call(forget, SERVICE, name, seconds=self._writing, name=name, asks=True)
        return True

    def names(self) -> tuple[str, ...]:
        """The secrets that have a value. The Secret Service says it without the user; others may have to be unlocked.

        Raises:
            SecretError: The keyring does not say.
        """
        if not self.usable:
            return ()
        if not is_secret_service(self._backend):
            return tuple(name for name in SECRETS if self.get(name) is not None)
        found = self._look(*SECRETS)
        if Presence.HIDDEN in found.values():
            raise _locked("the environment")
        return tuple(name for name, presence in found.items() if presence is Presence.THERE)

    def _look(self, *names: str) -> dict[str, Presence]:
        return self._call(look, self._backend, SERVICE, names, seconds=self._reading, name=names[0])

    def _call(
        self, function: Callable[..., T], *arguments: Any, seconds: float, name: str = "", asks: bool = False
    ) -> T:
        """Call the keyring on a thread of its own, which is left behind when there is no answer.

        Args:
            function: What is called.
            arguments: What it gets.
            seconds: How long it may take.
            name: The secret that it is about.
            asks: Whether the keyring may ask the user.
        """
        place = f"the environment variable {SECRETS[name]}" if name else "the environment"
        if self._hangs:
            raise _hanging(seconds, place)
        answer: list[T] = []
        failure: list[Exception] = []

        def run() -> None:
            try:
                answer.append(function(*arguments))
            except Exception as error:  # noqa: BLE001  # back ends raise errors of D-Bus, of ctypes, and their own
                failure.append(error)

        thread = threading.Thread(target=run, name="keyring", daemon=True)
        thread.start()
        thread.join(min(PATIENCE, seconds))
        if thread.is_alive() and seconds > PATIENCE:
            if asks:
                self._waiting(WINDOW)
            thread.join(seconds - PATIENCE)
        if answer:
            return answer[0]
        if failure:
            # Without the error itself: its words, and what it carries along, are not ours to vouch for.
            raise _failed(failure[0], place) from None
        self._hangs = True
        raise _hanging(seconds, place)


def _find() -> KeyringBackend | None:
    """The back end that is to be used; None where there is none that protects what it keeps."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen: Any = keyring.get_keyring()
    # A chain passes on to the next what the first refuses, which may be one that protects nothing.
    candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return next((backend for backend in candidates if backend.priority >= RECOMMENDED), None)


def _failed(error: Exception, place: str) -> SecretError:
    kinds = {type(error).__name__, type(error.__cause__).__name__}
    if kinds & {"KeyringLocked", "PromptDismissedException"}:
        return _locked(place)
    return SecretError(
        "keyring-failed",
        f"The keyring of this desktop does not work ({type(error).__name__}). Unlock it and try again, or put the "
        f"secret into {place}.",
        retryable=True,
    )


def _locked(place: str) -> SecretError:
    return SecretError(
        "locked",
        f"The keyring of this desktop is locked. Unlock it and try again, or put the secret into {place}.",
        retryable=True,
    )


def _hanging(seconds: float, place: str) -> SecretError:
    return SecretError(
        "keyring-hangs",
        f"The keyring of this desktop did not answer within {seconds:.0f} seconds. Answer its window, or unlock it, "
        f"and try again; or put the secret into {place}.",
        retryable=True,
    )
