"""Reads one settings file as a whole, whatever it is: the parsed TOML, or why there is none."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.problem import SettingsError

MAX_BYTES = 256 * 1024
"""A larger file is no settings file."""
_MAX_DOTS = 1000
"""In one line; the parser's time grows with their square, to half a minute for a file full of them."""

# A pipe in place of the file would keep whoever opens it waiting for a writer.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

Stamp = tuple[int, int, int]
"""Inode, size in bytes and time of the last change in nanoseconds: another stamp means another content."""


class UnreadableError(SettingsError):
    """A file says nothing that can be used.

    Attributes:
        line: From 1; None where no line is to blame.
        reason: What is wrong, without a full stop, as in "the file is not UTF-8 text".
    """

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__("unreadable", f"{reason}." if line is None else f"line {line}: {reason}.")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says."""

    text: str
    tables: Mapping[str, Any]
    """What the TOML means."""


def read(path: Path) -> Document:
    """Read a settings file.

    Raises:
        FileNotFoundError: There is none.
        UnreadableError: There is one, and it cannot be used.
    """
    return parse(decoded(content(path)))


def parse(text: str) -> Document:
    """What a text means as TOML.

    Raises:
        UnreadableError: It is no TOML.
    """
    for number, part in enumerate(text.split("\n"), start=1):
        if part.count(".") > _MAX_DOTS:
            raise UnreadableError(number, f"it has a line with more than {_MAX_DOTS} dots")
    try:
        return Document(text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line, reason = _place(str(error), text)
        raise UnreadableError(line, f"the file is not valid TOML ({reason})") from None
    except RecursionError:
        raise UnreadableError(1, "the file is not valid TOML (it is nested too deeply)") from None
    except ValueError:
        raise UnreadableError(1, "the file is not valid TOML (it has a number of too many digits)") from None


def stamp(path: Path) -> Stamp | None:
    """What tells this content of the file from others; None where there is no file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def content(path: Path) -> bytes:
    """The bytes of a settings file.

    Raises:
        FileNotFoundError: There is none.
        UnreadableError: It is no file, too large, or closed to this user.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _not_read(error) from None
    except ValueError:  # a NUL in the path
        raise UnreadableError(None, "the file cannot have this name") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnreadableError(None, "it is not a file")
        with open(descriptor, "rb", closefd=False) as file:  # it reads on where the system gives less than asked for
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _not_read(error) from None
    finally:
        os.close(descriptor)
    if len(data) > MAX_BYTES:
        raise UnreadableError(None, f"the file is larger than {MAX_BYTES // 1024} KB")
    return data


def _not_read(error: OSError) -> UnreadableError:
    return UnreadableError(None, f"the file cannot be read ({error.strerror or error})")


def decoded(data: bytes) -> str:
    """The text of a settings file, without the mark that some editors put before it.

    Raises:
        UnreadableError: It is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnreadableError(line, "the file is not UTF-8 text") from None


def _place(message: str, text: str) -> tuple[int, str]:
    """Line and reason out of the parser's message, which ends in "(at line 3, column 7)" or "(at end of document)"."""
    match = re.search(r"\s*\(at line (\d+), column \d+\)$", message)
    if match:
        return int(match[1]), message[: match.start()]
    return text.rstrip("\n").count("\n") + 1, message
