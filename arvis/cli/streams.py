"""The standard streams of the command: who writes to them, and what happens when they are gone."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def open_closed() -> None:
    """Let standard streams that are closed lead nowhere.

    Otherwise writing to them fails, and the next file that is opened gets the number that native libraries print to.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free, which is this one
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")


def shield_stdout() -> None:
    """Let native libraries that write to descriptor 1 write to standard error; Python keeps standard output.

    A character that the encoding of standard output does not have becomes a question mark.
    """
    before = sys.stdout
    before.flush()
    ours = os.dup(1)
    os.dup2(2, 1)
    errors = "replace" if before.errors == "strict" else before.errors
    buffering = 1 if before.isatty() else -1
    sys.stdout = os.fdopen(ours, "w", encoding=before.encoding, errors=errors, buffering=buffering)


def lost(stdout: TextIO) -> str | None:
    """Why `stdout` cannot be written, in words; None if it can.

    When it cannot, what is still in it is dropped, else Python fails once more when it ends.
    """
    try:
        stdout.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stdout.fileno())
        os.close(nowhere)
        return error.strerror or str(error)
    return None
