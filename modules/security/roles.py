"""Who may do what. The table is data: assets/roles.json."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Role(StrEnum):
    """Who sits in front of the machine, as far as Arvis knows."""

    OWNER = "owner"
    """Whoever has unlocked it, or everybody where there is no passphrase."""
    USER = "user"
    GUEST = "guest"


class Permission(StrEnum):
    """What may be allowed or not; each value completes the sentence "You may ..."."""

    TALK = "talk"
    TYPE = "type"
    RUN_TOOLS = "run-tools"
    READ_HISTORY = "read-history"
    ERASE_HISTORY = "erase-history"
    SEE_METRICS = "see-metrics"
    CHANGE_SETTINGS = "change-settings"
    CLONE_VOICES = "clone-voices"
    MANAGE_SECRETS = "manage-secrets"
    LOCK = "lock"

    @property
    def words(self) -> str:
        """As it stands in a sentence, for example "read the history"."""
        return _WORDS.get(self, self.value)


_WORDS: Mapping[Permission, str] = {
    Permission.RUN_TOOLS: "run tools",
    Permission.READ_HISTORY: "read the conversation",
    Permission.ERASE_HISTORY: "erase the conversation",
    Permission.SEE_METRICS: "see metrics",
    Permission.CHANGE_SETTINGS: "change settings",
    Permission.CLONE_VOICES: "clone voices",
    Permission.MANAGE_SECRETS: "manage secrets",
}


class AccessPolicy:
    """The table of roles. What is not in it is refused.

    Args:
        table: Permissions by role, by their names.

    Raises:
        ValueError: A role or a permission in it does not exist.
    """

    def __init__(self, table: Mapping[str, Collection[str]]) -> None:
        self._allowed = {Role(role): frozenset(map(Permission, names)) for role, names in table.items()}

    def may(self, role: str, permission: str) -> bool:
        """Whether this role may do it; False for a role or a permission that is not known."""
        return any(known == role and permission in allowed for known, allowed in self._allowed.items())

    def allowed(self, role: Role) -> tuple[Permission, ...]:
        """Everything that a role may do, in the order of `Permission`."""
        return tuple(permission for permission in Permission if self.may(role, permission))


@cache
def default_policy() -> AccessPolicy:
    """The policy that Arvis comes with."""
    return AccessPolicy(json.loads(files("assets").joinpath("roles.json").read_text(encoding="utf-8")))
