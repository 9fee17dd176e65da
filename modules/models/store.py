"""The cache of model files: a folder is put there whole or not at all, and is known to be whole ever after."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from modules.models.base import ModelError

_STAMP = ".complete.json"


def is_complete(folder: Path) -> bool:
    """Whether `folder` was put there by `install` and its files have not changed since (size and time of change)."""
    try:
        stamp = json.loads((folder / _STAMP).read_text("utf-8"))
        return isinstance(stamp, dict) and stamp == _describe(folder)
    except (OSError, ValueError):
        return False


def install(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Return `folder`, filled by `fill` if it is not there whole already.

    Processes that want the same folder at once wait for each other, and one of them does the work. The files are
    made beside `folder` and moved there when all of them are right, so nobody ever sees a part.

    Args:
        folder: Where the files belong.
        fill: Writes the files into the empty folder that it is given, checks them, and raises when they are wrong.

    Raises:
        ModelError: `fill` raised it, or the cache cannot be written (full disk, no permission).
    """
    if is_complete(folder):
        return folder
    from filelock import FileLock

    with _disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(folder.name + ".lock")):
            if not is_complete(folder):
                _replace(folder, fill)
    return folder


def _replace(folder: Path, fill: Callable[[Path], None]) -> None:
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        fill(partial)
        (partial / _STAMP).write_text(json.dumps(_describe(partial)), "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _describe(folder: Path) -> dict[str, list[int]]:
    """Name, size in bytes and time of change in nanoseconds of every file but the hidden ones."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return {path.name: [(status := path.stat()).st_size, status.st_mtime_ns] for path in files}


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into a sentence for the user."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelError(
                "disk-full", f"The disk is full: make room for the speech models in '{folder.parent}' and try again."
            ) from error
        raise ModelError(
            "cache-not-writable",
            f"The model folder '{folder.parent}' cannot be written ({error.strerror or type(error).__name__}). "
            "Check its permissions, or choose another folder for models.",
        ) from error
