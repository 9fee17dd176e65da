"""Sets up logging: a rotating file for everything of the chosen level, standard error for warnings.

What the user says, what Arvis answers, and secrets are never logged at any level. Other libraries are heard from
warnings upward only, because some of them log whole requests below that.
"""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_NAME = "arvis.log"
MAX_BYTES = 20_000_000
"""Size in bytes at which a new file is begun."""
OLD_FILES = 4
"""Files kept beside the present one: 100 MB in all."""
_FLOORS = ("arvis", "modules", "config", "utils")
_MARK = "arvis"
_FORMAT = "%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"


def set_up(level: str, folder: Path) -> None:
    """Log to a file in `folder` and to standard error; a second call replaces the first.

    Args:
        level: The least important level of Arvis' own messages in the file: debug, info, warning or error.
        folder: Made if it is missing. Where it cannot be written, a warning says so and only standard error is left.
    """
    tear_down()
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for floor in _FLOORS:
        logging.getLogger(floor).setLevel(level.upper())
    console = logging.StreamHandler(sys.stderr)
    # A traceback is for the file; whoever logs one tells the user about it in words of his own.
    console.addFilter(lambda record: record.exc_info is None)
    _add(root, console, logging.WARNING, "arvis: %(message)s")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(folder / FILE_NAME, maxBytes=MAX_BYTES, backupCount=OLD_FILES, encoding="utf-8")
    except OSError as error:
        logging.getLogger(__name__).warning("there is no log file: %s", error)
    else:
        _add(root, file, logging.NOTSET, _FORMAT)


def tear_down() -> None:
    """Take away what `set_up` added, and close the file."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.name == _MARK]:
        root.removeHandler(handler)
        handler.close()
    for floor in _FLOORS:
        logging.getLogger(floor).setLevel(logging.NOTSET)


def _add(root: logging.Logger, handler: logging.Handler, level: int, form: str) -> None:
    handler.name = _MARK
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter(form))
    root.addHandler(handler)
