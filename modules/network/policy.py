"""Whether Arvis may use other machines, and which of them it is using right now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from modules.network.addresses import is_loopback, plain
from modules.network.base import OfflineError, RefusalObserver, RemoteUse, UsesObserver


class NetworkPolicy:
    """Asked before anything connects to a host, and told as long as a host is in use. Thread-safe.

    This machine's own loopback is no other machine: a server there works offline, and its use is not told. Everything
    else is, the local network too.

    Args:
        offline: Whether every connection to other machines is refused.
    """

    def __init__(self, *, offline: bool = False) -> None:
        self.offline = offline
        """May be changed at any time; what is under way is refused its next step."""
        self._lock = threading.RLock()  # an observer may look at `active`
        self._uses: list[RemoteUse] = []
        self._observers: list[UsesObserver] = []
        self._refusal_observers: list[RefusalObserver] = []

    def allows(self, host: str) -> bool:
        """Whether `host`, a name or an address, may be connected to; it is never looked up here."""
        return not self.offline or is_loopback(host)

    def check(self, host: str, purpose: str) -> None:
        """Return if `host` may be connected to.

        Args:
            host: A name or an address.
            purpose: What it is wanted for, in words for the user, for example "the language model".

        Raises:
            OfflineError: It is another machine, and Arvis is offline.
        """
        if not self.allows(host):
            refused = RemoteUse(plain(host), purpose)
            for observer in tuple(self._refusal_observers):
                observer(refused)
            raise OfflineError(
                "offline",
                f"{plain(host)} was not contacted for {purpose}, because Arvis is offline. Turn the setting "
                "network.offline off, or use what is on this machine.",
            )

    @contextmanager
    def using(self, host: str, purpose: str) -> Iterator[None]:
        """Check a host, and tell the observers that it is in use until the block is left.

        Raises:
            OfflineError: It is another machine, and Arvis is offline.
        """
        self.check(host, purpose)
        if is_loopback(host):
            yield
            return
        use = RemoteUse(plain(host), purpose)
        self._change(lambda: self._uses.append(use))
        try:
            yield
        finally:
            self._change(lambda: self._uses.remove(use))

    @property
    def active(self) -> tuple[RemoteUse, ...]:
        """What is in use, each host and purpose once, the longest in use first."""
        with self._lock:
            return tuple(dict.fromkeys(self._uses))

    def subscribe(self, observer: UsesObserver) -> Callable[[], None]:
        """Tell `observer` what is in use, now and whenever that changes; call the result to end it."""
        with self._lock:
            self._observers.append(observer)
            observer(self.active)

        def unsubscribe() -> None:
            with self._lock:
                if observer in self._observers:
                    self._observers.remove(observer)

        return unsubscribe

    def subscribe_refusals(self, observer: RefusalObserver) -> Callable[[], None]:
        """Tell `observer` whenever something is refused; call the result to end it."""
        self._refusal_observers.append(observer)

        def unsubscribe() -> None:
            if observer in self._refusal_observers:
                self._refusal_observers.remove(observer)

        return unsubscribe

    def _change(self, change: Callable[[], None]) -> None:
        """Change what is in use; the observers are told under the lock, so that the last word is the present one."""
        with self._lock:
            before = self.active
            change()
            after = self.active
            if after != before:
                for observer in tuple(self._observers):
                    observer(after)


POLICY = NetworkPolicy()
"""The policy of this process: engines use it unless they are given another."""
