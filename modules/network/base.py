"""Data and errors of what goes beyond this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from utils.errors import ArvisError


class NetworkError(ArvisError):
    """Something beyond this machine cannot be used."""

    stage = "network"


class OfflineError(NetworkError):
    """The user wants no connection to other machines; nothing was looked up and nothing was sent."""


@dataclass(frozen=True, slots=True)
class RemoteUse:
    """Something on another machine that is in use."""

    host: str
    """Name or address of the other machine, without credentials."""
    purpose: str
    """What it is used for, in words for the user, for example "the language model"."""


UsesObserver = Callable[[tuple[RemoteUse, ...]], None]
"""Called from any thread with everything remote that is in use at the moment; must return at once."""

RefusalObserver = Callable[[RemoteUse], None]
"""Called from any thread with what was refused because Arvis is offline; must return at once."""
