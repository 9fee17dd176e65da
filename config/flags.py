"""Feature flags: settings of the section flags, which go again once what they switch has proved itself."""

from __future__ import annotations

from dataclasses import dataclass

from config.schema import keys

SECTION = "flags"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag, as the schema describes it."""

    path: str
    """Its setting, for example "flags.live_reload"."""
    description: str
    default: bool
    owner: str
    """The part of Arvis that decides about it."""
    since: str
    """Version in which it came."""
    removal: str
    """Version in which it is to be gone."""

    def is_overdue(self, version: str) -> bool:
        """Whether it should be gone in this version."""
        return _order(version) >= _order(self.removal)


def flags() -> tuple[Flag, ...]:
    """Every flag, in the order of the schema."""
    return tuple(
        Flag(
            key.path,
            key.spec["description"],
            key.default,
            key.spec["x-owner"],
            key.spec["x-since"],
            key.spec["x-removal"],
        )
        for key in keys().values()
        if key.section == SECTION
    )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
