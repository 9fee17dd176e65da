"""Starting at login on the desktops of Linux: the Desktop Application Autostart Specification of freedesktop.org."""

from __future__ import annotations

import configparser
from pathlib import Path

from arvis.desktop.autostart import Start
from utils.files import explained, write_atomic

GROUP = "Desktop Entry"
_QUOTED = frozenset(" \t\n\"'\\><~|&;$*?#()`")
"""Characters for which the Desktop Entry Specification wants an argument to be quoted."""


class XdgAutostart:
    """A desktop entry in the folder of what is started at login.

    Args:
        folder: The folder; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "arvis.desktop"

    @property
    def place(self) -> str:
        """The desktop entry."""
        return str(self._file)

    def enable(self, start: Start) -> None:
        """Write the entry.

        Raises:
            FileError: It cannot be written.
        """
        write_atomic(self._file, desktop_entry(start).encode())

    def disable(self) -> None:
        """Remove the entry.

        Raises:
            FileError: It cannot be removed.
        """
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            raise explained(self._file, error) from error

    def found(self) -> str | None:
        """The command of the entry; None where the entry is missing, switched off or broken."""
        parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#",))
        parser.optionxform = str  # type: ignore[assignment, method-assign]  # keys differ by case
        try:
            parser.read(self._file, encoding="utf-8")
            entry = dict(parser.items(GROUP))
        except (configparser.Error, OSError, UnicodeDecodeError):
            return None
        if entry.get("Hidden") == "true" or entry.get("X-GNOME-Autostart-enabled") == "false":
            return None
        return entry.get("Exec")

    def line(self, start: Start) -> str:
        """The command as the entry has it."""
        return exec_line(start)


def desktop_entry(start: Start) -> str:
    """The entry as it is written."""
    lines = [
        f"[{GROUP}]",
        "Type=Application",
        "Name=Arvis",
        "Comment=Voice assistant",
        "Icon=arvis",
        f"Exec={exec_line(start)}",
        *([f"Path={_value(str(start.folder))}"] if start.folder is not None else []),
        "Terminal=false",
        "StartupNotify=false",
        "X-GNOME-Autostart-enabled=true",
    ]
    return "\n".join(lines) + "\n"


def exec_line(start: Start) -> str:
    """The command as the key Exec wants it."""
    environ = [f"{name}={value}" for name, value in start.environ.items()]
    arguments = [*(["env", *environ] if environ else []), *start.command]
    return _value(" ".join(_argument(argument) for argument in arguments))


def _argument(text: str) -> str:
    """An argument, quoted where it has to be."""
    text = text.replace("%", "%%")
    if text and not _QUOTED & set(text):
        return text
    for character in '\\"`$':
        text = text.replace(character, f"\\{character}")
    return f'"{text}"'


def _value(text: str) -> str:
    """The value of a key: backslashes mean something there once more, and line breaks would end it."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
