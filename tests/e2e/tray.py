"""The tray of a desktop as its user sees it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.desktop import SYSTEM_PYTHON, Desktop

PROGRAM = Path(__file__).with_name("tray_program.py")


class Tray:
    """Reads the icon and uses its menu."""

    def __init__(self, desktop: Desktop) -> None:
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(PROGRAM)], env=desktop.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._answer() == {"ready": True}

    @property
    def icons(self) -> int:
        """How many icons there are."""
        return int(self._do("read")["icons"])

    @property
    def tip(self) -> str:
        """What is said about the icon."""
        return str(self._do("read").get("tip", ""))

    @property
    def tips(self) -> list[str]:
        """Everything that was said about it so far."""
        return list(self._do("read")["tips"])

    @property
    def sizes(self) -> list[int]:
        """The sizes in which the icon is offered."""
        return list(self._do("read")["sizes"])

    def menu(self) -> dict[str, dict[str, Any]]:
        """The entries of the menu by their labels."""
        return {entry["label"]: entry for entry in self._do("read").get("menu", ())}

    def click(self) -> None:
        """Click the icon."""
        self._do("click")

    def choose(self, label: str) -> None:
        """Choose from the menu."""
        self._do(f"choose {label}")

    def end(self) -> None:
        """Let the tray go, as when a panel crashes."""
        self._process.kill()
        self._process.communicate()

    def _do(self, what: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def tray_of(desktop: Desktop) -> Iterator[Tray]:
    """A tray on the desktop."""
    tray = Tray(desktop)
    try:
        yield tray
    finally:
        tray.end()
