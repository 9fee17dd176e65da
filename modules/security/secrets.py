"""Keys and tokens: in the environment, in the desktop's keyring, or in an encrypted file; never in the settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from modules.security.base import Record, SecretError, ignore
from modules.security.events import Event

SECRETS: Mapping[str, str] = {"llm.api_key": "ARVIS_LLM_API_KEY", "metrics.token": "ARVIS_METRICS_TOKEN"}
"""Every secret, with the environment variable that may hold it."""
LONGEST = 8192
"""Characters of a secret."""
Ask = Callable[[bool], str]
"""Asks the user for the passphrase of the encrypted file, of a new one if True; empty when he gives none."""
Waiting = Callable[[str], object]
"""Told a sentence when a keyring may wait for the user, who may not see its window. Called where the store is used."""


def be_silent(sentence: str) -> None:
    """A `Waiting` that tells nobody."""


class SecretStore(Protocol):
    """Where secrets are. Every call may wait for the disk, for another program, or for the user."""

    def get(self, name: str) -> str | None:
        """A secret; None where it has no value."""
        ...

    def set(self, name: str, value: str) -> None:
        """Keep a secret."""
        ...

    def delete(self, name: str) -> bool:
        """Forget a secret; False when there was none."""
        ...

    def names(self) -> tuple[str, ...]:
        """The secrets that have a value, in the order of `SECRETS`; asks nobody for a passphrase."""
        ...

    def where(self, name: str) -> str:
        """Where a secret is: "environment", "keyring" or "encrypted file"; empty where it has no value."""
        ...


class EnvironmentSecrets:
    """Secrets that whoever started Arvis gave it; they cannot be changed here.

    Args:
        environment: The variables; one that is empty counts as not set.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def get(self, name: str) -> str | None:
        """A secret; None where it has no value."""
        return self._environment.get(variable(name)) or None

    def names(self) -> tuple[str, ...]:
        """The secrets that have a value."""
        return tuple(name for name in SECRETS if self.get(name) is not None)


class Keeper(Protocol):
    """A place in which secrets can be kept."""

    place: str
    """What `SecretStore.where` says."""

    @property
    def usable(self) -> bool:
        """Whether it can be used on this machine."""
        ...

    def get(self, name: str) -> str | None:
        """A secret; None where it has no value."""
        ...

    def set(self, name: str, value: str) -> None:
        """Keep a secret."""
        ...

    def delete(self, name: str) -> bool:
        """Forget a secret; False when there was none."""
        ...

    def names(self) -> tuple[str, ...]:
        """The secrets that have a value."""
        ...


class LayeredSecrets:
    """Reads from the environment and then from each keeper, and writes to the first keeper that works.

    Args:
        environment: What is read first.
        keepers: Where secrets are kept, the best first.
        record: Writes the audit log: that a secret was changed, never which value it has.
    """

    def __init__(self, environment: EnvironmentSecrets, keepers: Sequence[Keeper], record: Record = ignore) -> None:
        self._environment = environment
        self._keepers = keepers
        self._record = record

    def get(self, name: str) -> str | None:
        """A secret; None where it has no value.

        Raises:
            SecretError: There is no such secret, or the place that has it does not give it.
        """
        sources: tuple[EnvironmentSecrets | Keeper, ...] = (self._environment, *self._keepers)
        return next((value for source in sources if (value := source.get(name)) is not None), None)

    def set(self, name: str, value: str) -> None:
        """Keep a secret.

        Raises:
            SecretError: There is no such secret, the value is none, or nothing can keep it.
        """
        check_value(name, value)
        for keeper in self._keepers:
            if keeper.usable:
                keeper.set(name, value)
                self._record(Event.SECRET_SET, name=name, place=keeper.place)
                return
        raise SecretError(
            "no-store",
            "This machine has no keyring, and there is nobody to ask for the passphrase of an encrypted file. "
            f"Do it in a terminal, or set the environment variable {variable(name)}.",
        )

    def delete(self, name: str) -> bool:
        """Forget a secret, wherever it is kept; False when it was nowhere.

        Raises:
            SecretError: There is no such secret, it is in the environment only, or the place does not let it go.
        """
        in_environment = self._environment.get(name) is not None
        holders = [keeper for keeper in self._keepers if name in keeper.names()]
        for keeper in holders:
            if keeper.delete(name):
                self._record(Event.SECRET_REMOVED, name=name, place=keeper.place)
        if in_environment and not holders:
            raise SecretError(
                "read-only", f"This secret is in the environment variable {variable(name)}. Remove it there."
            )
        return bool(holders)

    def names(self) -> tuple[str, ...]:
        """The secrets that have a value, in the order of `SECRETS`; asks nobody for a passphrase."""
        return tuple(name for name in SECRETS if self.where(name))

    def where(self, name: str) -> str:
        """Where a secret is: "environment", "keyring" or "encrypted file"; empty where it has no value.

        Raises:
            SecretError: There is no such secret, or a place does not say what it has.
        """
        if self._environment.get(name) is not None:
            return "environment"
        return next((keeper.place for keeper in self._keepers if name in keeper.names()), "")


def open_store(
    file: Path,
    *,
    ask: Ask | None = None,
    environment: Mapping[str, str] = os.environ,
    record: Record = ignore,
    waiting: Waiting = be_silent,
) -> LayeredSecrets:
    """The secrets of this user. Quick; the first call that needs the keyring looks for it.

    Args:
        file: The encrypted file, for machines without a keyring; it need not exist.
        ask: Asks the user for its passphrase; None where there is nobody to ask.
        environment: Variables that are read first.
        record: Writes the audit log.
        waiting: Told when the keyring may wait for the user.
    """
    from modules.security.secrets_file import EncryptedFileSecrets
    from modules.security.secrets_keyring import KeyringSecrets

    keepers = (KeyringSecrets(waiting=waiting), EncryptedFileSecrets(file, ask))
    return LayeredSecrets(EnvironmentSecrets(environment), keepers, record)


def variable(name: str) -> str:
    """The environment variable of a secret.

    Raises:
        SecretError: There is no such secret.
    """
    try:
        return SECRETS[name]
    except KeyError:
        known = " and ".join(SECRETS)
        raise SecretError("unknown-secret", f"There is no secret '{name}'. There are {known}.") from None


def check_value(name: str, value: str) -> None:
    """Raise where this can be no secret of that name; the value is not in the error.

    Raises:
        SecretError: It is empty, too long, or not plain text; or there is no such secret.
    """
    variable(name)
    if not 0 < len(value) <= LONGEST or not value.isprintable() or value != value.strip():
        raise SecretError(
            "bad-value",
            f"A value for {name} has 1 to {LONGEST} characters, none of them invisible, and no spaces around it. "
            "Copy it once more.",
        )
