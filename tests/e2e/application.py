"""Arvis on a desktop, and what a screen reader finds in its window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.desktop import Desktop, Process, arvis_command, wait_until


@contextmanager
def running(desktop: Desktop, **env: str) -> Iterator[Process]:
    """Arvis on the desktop, with its engines loaded."""
    process = desktop.start(
        *arvis_command(), env={"ARVIS_HOME": str(desktop.folder / "arvis"), "ARVIS_LLM_TEMPERATURE": "0", **env}
    )
    try:
        desktop.window("--name", "^Arvis$")
        wait_until("the engines", lambda: "Ready" in named(desktop, "label"), seconds=90)
        yield process
    finally:
        process.end()


def named(desktop: Desktop, role: str) -> list[str]:
    """The names of all elements of a role, as a screen reader reads them."""
    return [element["name"] for element in desktop.read("arvis") if element["role"] == role]


def said(desktop: Desktop, heading: str) -> str:
    """The last message under a heading in the conversation."""
    found = messages(desktop, heading)
    return found[-1] if found else ""


def messages(desktop: Desktop, heading: str) -> list[str]:
    """All messages under a heading in the conversation, oldest first."""
    return [element["text"] for element in desktop.read("arvis") if element["name"] == heading]
