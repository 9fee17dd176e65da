"""Starting Arvis when the user logs in, as each system does it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from utils.errors import ArvisError
from utils.paths import HOME_VARIABLE

HIDDEN = ("run", "--hidden")
"""The arguments with which it is started: as an icon in the tray, or with its window where there is no tray."""


class AutostartError(ArvisError):
    """Starting with the desktop cannot be arranged here."""

    stage = "desktop"


@dataclass(frozen=True, slots=True)
class Start:
    """How Arvis is started."""

    command: tuple[str, ...]
    """The program and its arguments."""
    folder: Path | None = None
    """The folder in which it has to be started; None for any."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """What the environment has to have besides."""


class Autostart(Protocol):
    """The way of one system."""

    @property
    def place(self) -> str:
        """Where it is written down."""
        ...

    def enable(self, start: Start) -> None:
        """Start Arvis like this at each login."""
        ...

    def disable(self) -> None:
        """Start it no more; nothing happens where it is not."""
        ...

    def found(self) -> str | None:
        """The command that is run at login; None when none is."""
        ...

    def line(self, start: Start) -> str:
        """The command as `found` gives it back, to see whether it is this one."""
        ...


def start_of(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Start:
    """How this very Arvis is started again.

    A frozen application is a program of its own. Installed, from a wheel or from a clone, there is the `arvis` command
    beside the interpreter. Otherwise the interpreter runs the package, in the folder of the clone.

    Args:
        arguments: What follows the name of the program.
        environ: The environment; a home of its own is kept.
    """
    program = Path(sys.executable)
    home = environ.get(HOME_VARIABLE)
    kept = {HOME_VARIABLE: str(Path(home).expanduser().absolute())} if home else {}
    if getattr(sys, "frozen", False):
        return Start((str(program), *arguments), environ=kept)
    script = program.with_name("arvis")
    if script.is_file():
        return Start((str(script), *arguments), environ=kept)
    if sys.platform == "win32":
        quiet = program.with_name("pythonw.exe")  # else a terminal opens with it
        program = quiet if quiet.is_file() else program
    return Start((str(program), "-m", "arvis", *arguments), _clone(), kept)


def autostart_for(platform: str = sys.platform, environ: Mapping[str, str] = os.environ) -> Autostart:
    """The way of this system.

    Raises:
        AutostartError: There is none that Arvis knows.
    """
    if platform == "win32":
        from arvis.desktop.autostart_windows import WindowsAutostart

        return WindowsAutostart()
    if platform == "darwin":
        from arvis.desktop.autostart_macos import MacAutostart

        return MacAutostart(Path.home() / "Library" / "LaunchAgents")
    if platform.startswith(("linux", "freebsd")):
        from arvis.desktop.autostart_xdg import XdgAutostart

        named = environ.get("XDG_CONFIG_HOME", "")
        return XdgAutostart((Path(named) if os.path.isabs(named) else Path.home() / ".config") / "autostart")
    raise AutostartError("no-autostart", f"Arvis does not know how programs are started at login on {platform}.")


def _clone() -> Path | None:
    """The folder of the clone where Arvis is not installed; None where it is."""
    from importlib import metadata

    try:
        metadata.distribution("arvis")
    except metadata.PackageNotFoundError:
        return Path(__file__).parents[2]
    return None
