"""Asks the Secret Service of a Linux desktop what it has, without ever making its window appear."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from enum import Enum, auto
from typing import Any


class Presence(Enum):
    """Whether a keyring has a secret."""

    ABSENT = auto()
    THERE = auto()
    HIDDEN = auto()
    """The keyring is locked, and does not even say what it has."""


def is_secret_service(backend: object) -> bool:
    """Whether a back end of the package keyring talks to the Secret Service."""
    return type(backend).__module__ == "keyring.backends.SecretService"


def look(backend: Any, service: str, names: Iterable[str]) -> dict[str, Presence]:
    """Which secrets there are in the collection that the back end reads.

    The back end itself makes a new collection where there is none, and for that asks the user to choose a password,
    even when it only reads.

    Args:
        backend: The back end of the package keyring.
        service: The name under which the secrets are kept.
        names: The secrets.
    """
    import secretstorage
    from secretstorage.collection import DEFAULT_COLLECTION
    from secretstorage.exceptions import ItemNotFoundException

    with closing(secretstorage.dbus_init()) as bus:
        path = getattr(backend, "preferred_collection", DEFAULT_COLLECTION)
        try:
            collection = secretstorage.Collection(bus, path)
        except ItemNotFoundException:
            return dict.fromkeys(names, Presence.ABSENT)
        return {name: _presence(collection, backend._query(service, name)) for name in names}


def _presence(collection: Any, attributes: dict[str, str]) -> Presence:
    """Attributes can be looked up in a locked collection too, unless its keeper hides all there is."""
    if any(collection.search_items(attributes)):
        return Presence.THERE
    if collection.is_locked() and not any(collection.get_all_items()):
        return Presence.HIDDEN
    return Presence.ABSENT
