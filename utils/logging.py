"""Sets up logging: a rotating file of JSON lines for everything of the chosen level, standard error for warnings.

What the user says and what Arvis answers is written only where `utils.discretion.allow_words` says so, secrets never.
Other libraries are heard from warnings upward only, because some of them log whole requests below that.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from pathlib import Path

from utils.discretion import allow_words
from utils.errors import ArvisError
from utils.log_file import RotatingFile
from utils.log_lines import FLOORS, ConsoleLines, JsonLines

FILE_NAME = "arvis.log"
MAX_BYTES = 100_000_000
"""Size in bytes at which a new file is begun."""
FILES = 5
"""The present file and the older ones."""
LEVELS = ("debug", "info", "warning", "error")

_MARK = "arvis"
_levelled: set[str] = set()
"""Loggers whose level was set."""


def set_up(
    level: str,
    folder: Path,
    components: Iterable[str] = (),
    *,
    words: bool = False,
    max_bytes: int = MAX_BYTES,
    files: int = FILES,
) -> None:
    """Log to a file in `folder` and to standard error; a second call replaces the first.

    Args:
        level: The least important level of Arvis' own messages in the file: debug, info, warning or error.
        folder: Made if it is missing. Where it cannot be written, a warning says so and only standard error is left.
        components: Levels of parts, each as "modules.stt=debug"; one that means nothing is told as a warning.
        words: Whether what is said and answered is written to the file; this takes the level "info" at least.
        max_bytes: Size of one file.
        files: How many files there are at most.
    """
    tear_down()
    allow_words(words)
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for floor in FLOORS:
        _set_level(floor, _level(level, words=words))
    console = logging.StreamHandler(sys.stderr)
    # A traceback is for the file; whoever logs one tells the user about it in words of his own.
    console.addFilter(lambda record: record.exc_info is None)
    console.setLevel(logging.WARNING)
    _add(root, console, ConsoleLines())
    log = logging.getLogger(__name__)
    try:
        _add(root, RotatingFile(folder / FILE_NAME, max_bytes, files), JsonLines())
    except (ArvisError, OSError) as error:
        log.warning("there is no log file: %s", error)
    for entry in components:
        if not _set_component(entry, words=words):
            log.warning("logging.components: '%s' means nothing; write it as 'modules.stt=debug'", entry)
    if words:
        log.warning("what is said and answered is written to the log")


def tear_down() -> None:
    """Take away what `set_up` added, and close the file."""
    allow_words(False)
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.name == _MARK]:
        root.removeHandler(handler)
        handler.close()
    while _levelled:
        logging.getLogger(_levelled.pop()).setLevel(logging.NOTSET)


def _set_component(entry: str, *, words: bool) -> bool:
    name, _, level = (part.strip() for part in entry.partition("="))
    if level.lower() not in LEVELS or not all(part.isidentifier() for part in name.split(".")):
        return False
    _set_level(name, _level(level, words=words))
    return True


def _level(level: str, *, words: bool) -> int:
    number: int = logging.getLevelNamesMapping()[level.upper()]
    return min(number, logging.INFO) if words else number


def _set_level(name: str, level: int) -> None:
    logging.getLogger(name).setLevel(level)
    _levelled.add(name)


def _add(root: logging.Logger, handler: logging.Handler, form: logging.Formatter) -> None:
    handler.name = _MARK
    handler.setFormatter(form)
    root.addHandler(handler)
