"""Prints as JSON what a screen reader finds in an application; runs on the system's Python, which has the bindings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import gi  # type: ignore[import-not-found,unused-ignore]  # a Debian package of the system's interpreter

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # type: ignore[import-not-found,unused-ignore]  # noqa: E402  # after the version


def elements(node: Any) -> Iterator[dict[str, str]]:
    """The element and all below it that are showing."""
    text = node.get_text_iface()
    content = Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text)) if text is not None else ""
    yield {"role": node.get_role_name(), "name": node.get_name() or "", "text": content}
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None and child.get_state_set().contains(Atspi.StateType.SHOWING):
            yield from elements(child)


def main() -> None:
    """Print the elements of every application whose name contains the argument."""
    Atspi.init()
    desktop = Atspi.get_desktop(0)
    found: list[dict[str, str]] = []
    for index in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(index)
        if application is not None and sys.argv[1].lower() in (application.get_name() or "").lower():
            for child in range(application.get_child_count()):
                found += elements(application.get_child_at_index(child))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
