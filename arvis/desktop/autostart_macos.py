"""Starting at login on macOS: a launch agent of the user; see launchd.plist(5)."""

from __future__ import annotations

import plistlib
import shlex
from pathlib import Path
from typing import Any

from arvis.desktop.autostart import Start
from utils.files import explained, write_atomic

LABEL = "org.arvis.Arvis"


class MacAutostart:
    """A property list in the folder of launch agents.

    Args:
        folder: The folder; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"{LABEL}.plist"

    @property
    def place(self) -> str:
        """The property list."""
        return str(self._file)

    def enable(self, start: Start) -> None:
        """Write the list.

        Raises:
            FileError: It cannot be written.
        """
        write_atomic(self._file, plistlib.dumps(launch_agent(start)))

    def disable(self) -> None:
        """Remove the list.

        Raises:
            FileError: It cannot be removed.
        """
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            raise explained(self._file, error) from error

    def found(self) -> str | None:
        """The command of the list; None where the list is missing, switched off or broken."""
        from xml.parsers.expat import ExpatError

        try:
            agent = plistlib.loads(self._file.read_bytes())
            arguments = agent["ProgramArguments"]
            return None if agent.get("Disabled") else shlex.join(arguments)
        except (OSError, ExpatError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def line(self, start: Start) -> str:
        """The command as a shell would have it."""
        return shlex.join(start.command)


def launch_agent(start: Start) -> dict[str, Any]:
    """The list as it is written; Arvis is not started again when it ends."""
    agent: dict[str, Any] = {
        "Label": LABEL,
        "ProgramArguments": list(start.command),
        "RunAtLoad": True,
        "ProcessType": "Interactive",
    }
    if start.folder is not None:
        agent["WorkingDirectory"] = str(start.folder)
    if start.environ:
        agent["EnvironmentVariables"] = dict(start.environ)
    return agent
