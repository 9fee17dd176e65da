"""Starting at login on Windows: the Run key of the user's part of the registry."""

from __future__ import annotations

import importlib
import subprocess
from typing import Any

from arvis.desktop.autostart import AutostartError, Start

KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
NAME = "Arvis"


class WindowsAutostart:
    """A value of the Run key."""

    def __init__(self) -> None:
        self._registry: Any = importlib.import_module("winreg")  # there on Windows only

    @property
    def place(self) -> str:
        """The value."""
        return rf"HKEY_CURRENT_USER\{KEY}\{NAME}"

    def enable(self, start: Start) -> None:
        """Write the value.

        Raises:
            AutostartError: It cannot be written, or Arvis would not be found from there.
        """
        command = run_value(start)
        registry = self._registry
        try:
            with registry.CreateKeyEx(registry.HKEY_CURRENT_USER, KEY, 0, registry.KEY_SET_VALUE) as key:
                registry.SetValueEx(key, NAME, 0, registry.REG_SZ, command)
        except OSError as error:
            raise AutostartError("cannot-write", f"{self.place} cannot be written: {error.strerror}.") from error

    def disable(self) -> None:
        """Remove the value.

        Raises:
            AutostartError: It cannot be removed.
        """
        registry = self._registry
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, KEY, 0, registry.KEY_SET_VALUE) as key:
                registry.DeleteValue(key, NAME)
        except FileNotFoundError:
            return
        except OSError as error:
            raise AutostartError("cannot-write", f"{self.place} cannot be removed: {error.strerror}.") from error

    def found(self) -> str | None:
        """The value; None where there is none."""
        registry = self._registry
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, KEY, 0, registry.KEY_QUERY_VALUE) as key:
                return str(registry.QueryValueEx(key, NAME)[0])
        except OSError:
            return None

    def line(self, start: Start) -> str:
        """The command as the value has it."""
        return subprocess.list2cmdline(start.command)


def run_value(start: Start) -> str:
    """The command as the registry wants it; programs are started from there in a folder that nobody can choose.

    Raises:
        AutostartError: Arvis has to be started in a folder of its own.
    """
    if start.folder is not None:
        raise AutostartError(
            "not-installed",
            "Only an installed Arvis can be started at login. Install it with pip install, and try again.",
        )
    return subprocess.list2cmdline(start.command)
