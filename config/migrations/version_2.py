"""From version 1 to 2: the name of a duration says its unit. A file of version 1 does not say its version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.entries import rename

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

RENAMED = {
    "talk.debounce": "talk.debounce_seconds",
    "wake.cooldown": "wake.cooldown_seconds",
    "wake.follow_up": "wake.follow_up_seconds",
}


def upgrade(document: TOMLDocument) -> TOMLDocument:
    """Rename what has a new name."""
    for old, new in RENAMED.items():
        document = rename(document, old, new)
    return document
