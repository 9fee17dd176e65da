"""The settings file as text that is changed without losing its comments and its order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config import document as documents
from config.document import UnreadableError
from config.entries import flat, same
from config.problem import SettingsError
from config.schema import VERSION, VERSION_KEY
from config.validation import shown
from utils.files import refuse_link, write_atomic

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_BOM = "\ufeff"


@dataclass(slots=True)
class SettingsFile:
    """A settings file that was read, and its content as it is to become; hold `utils.files.locked(path)` around it.

    Attributes:
        path: The file; it need not exist.
        before: What is in it; None where there is no file.
        document: Its content, which may be changed. It always has a version: files of the first one do not say it.
    """

    path: Path
    before: bytes | None
    document: TOMLDocument

    @classmethod
    def read(cls, path: Path) -> SettingsFile:
        """Read a settings file.

        Raises:
            SettingsError: It cannot be read, or is not valid TOML.
            utils.files.FileError: It is a link.
        """
        before = content(path)
        return cls(path, before, parse(before or b"", str(path)))

    @property
    def version(self) -> int:
        """The version of its format.

        Raises:
            SettingsError: It says none that there can be.
        """
        return version_of(self.document, str(self.path))

    def values(self) -> dict[str, Any]:
        """What is in it, by path: what stands in no section has its own name."""
        return flat(self.document.unwrap())

    def write(self) -> bool:
        """Replace the file by the document; returns whether anything was different.

        Raises:
            SettingsError: The document would not be read again as what it is; nothing was written.
            utils.files.FileError: The file cannot be written.
        """
        text = self.document.as_string()
        try:
            is_proven = same(documents.parse(text).tables, self.document.unwrap())
        except UnreadableError:
            is_proven = False
        if not is_proven:
            raise unsafe(str(self.path))
        after = _in_the_manner_of(self.before or b"", text)
        if after == self.before:
            return False
        write_atomic(self.path, after)
        return True


def content(path: Path) -> bytes | None:
    """What is in a settings file that is to be changed; None where there is no file.

    Raises:
        SettingsError: It cannot be read.
        utils.files.FileError: It is a link.
    """
    refuse_link(path)
    try:
        return documents.content(path)
    except FileNotFoundError:
        return None
    except UnreadableError as error:
        raise SettingsError(
            "cannot-read", f"{path}: {error.reason}, so it cannot be changed. Move it away, and try again."
        ) from error


def parse(data: bytes, place: str) -> TOMLDocument:
    """The document that is in a settings file, with a version.

    Args:
        data: What is in the file.
        place: What a message calls it.

    Raises:
        SettingsError: It is not valid TOML; the line is named.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        text = documents.decoded(data)
        if _has_windows_lines(data):
            text = text.replace("\r\n", "\n")
        tables = documents.parse(text).tables
    except UnreadableError as error:
        raise _broken(place, error) from error
    if text and not text.endswith("\n"):
        text += "\n"  # else what is added would stand in the last line
    if VERSION_KEY not in tables:
        # In an empty file there is nothing to migrate.
        text = f"{VERSION_KEY} = {1 if tables else VERSION}\n" + ("\n" if text else "") + text
    try:
        return tomlkit.parse(text)
    except (TOMLKitError, RecursionError, ValueError) as error:
        raise unsafe(place) from error


def version_of(document: TOMLDocument, place: str) -> int:
    """The version of a document's format.

    Raises:
        SettingsError: It says none that there can be.
    """
    version = document.unwrap()[VERSION_KEY]
    if type(version) is not int or version < 1:
        raise SettingsError(
            "bad-version",
            f"{place}: {VERSION_KEY} is {shown(version)}, but must be a whole number from 1 to {VERSION}. "
            "Remove that line with `arvis config edit`.",
        )
    return version


def unsafe(place: str) -> SettingsError:
    """Such a file can only be changed by hand."""
    return SettingsError(
        "cannot-change",
        f"{place} is written in a way in which Arvis cannot change it safely. Change it with `arvis config edit`.",
    )


def _broken(place: str, error: UnreadableError) -> SettingsError:
    where = place if error.line is None else f"{place}, line {error.line}"
    return SettingsError(
        "broken",
        f"{where}: {error.reason}, so nothing was changed. Correct it with `arvis config edit`, "
        "or begin anew with `arvis config reset`, which keeps a back-up.",
    )


def _in_the_manner_of(before: bytes, text: str) -> bytes:
    """The text with the ends of lines, and the mark at the beginning, that the file has had."""
    if _has_windows_lines(before):
        text = text.replace("\n", "\r\n")
    return (_BOM * before.startswith(_BOM.encode()) + text).encode()


def _has_windows_lines(data: bytes) -> bool:
    lines = data.count(b"\n")
    return lines > 0 and data.count(b"\r\n") == lines
