"""The cache of model files: a folder is put there whole or not at all, and is known to be whole ever after."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modules.models.base import ModelError
from utils.files import FILE_MODE, FOLDER_MODE, FileError, private_folder, write_atomic

if TYPE_CHECKING:
    from filelock import FileLock

_STAMP = ".complete.json"
_IN_THE_WAY = frozenset({"is-link", "outside"})


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
    with disk_errors(folder):
        private_folder(folder.parent)
        with lock_of(folder):
            if not is_complete(folder):
                _replace(folder, fill)
    return folder


def lock_of(folder: Path) -> FileLock:
    """The lock that whoever makes, replaces or removes `folder` has to hold; it ends with its process."""
    from filelock import FileLock

    return FileLock(folder.with_name(folder.name + ".lock"), mode=FILE_MODE, thread_local=False)


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Have the lock of a folder.

    Args:
        folder: The folder.
        name: Of what is in it, for the user.

    Raises:
        ModelError: Somebody else has it.
    """
    from filelock import Timeout

    try:
        with lock_of(folder).acquire(timeout=0):
            yield
    except Timeout as error:
        raise ModelError("busy", f"{name} is being installed. Wait until that is over.", retryable=True) from error


def publish(made: Path, folder: Path) -> None:
    """Move a folder whose files are all right to its place, and have it known to be whole; the lock must be held.

    Raises:
        OSError: It cannot be moved.
    """
    trust(made)
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)


def trust(folder: Path) -> None:
    """Have a folder known as whole: its files are the right ones.

    Raises:
        FileError: That cannot be written.
    """
    write_atomic(folder / _STAMP, json.dumps(_describe(folder)).encode())


def distrust(folder: Path) -> None:
    """Have a folder known as not whole any more: a file in it is not the right one."""
    (folder / _STAMP).unlink(missing_ok=True)


def _replace(folder: Path, fill: Callable[[Path], None]) -> None:
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=FOLDER_MODE)
    try:
        fill(partial)
        publish(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _describe(folder: Path) -> dict[str, list[int]]:
    """Name, size in bytes and time of change in nanoseconds of every file but the hidden ones."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return {path.name: [(status := path.stat()).st_size, status.st_mtime_ns] for path in files}


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into a sentence for the user.

    Raises:
        ModelError: The disk is full, or cannot be written.
        FileError: Something that must not be written through is in the way.
    """
    try:
        yield
    except (OSError, FileError) as error:
        if isinstance(error, FileError) and error.code in _IN_THE_WAY:
            raise
        cause = error.__cause__ if isinstance(error, FileError) else error
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelError(
                "disk-full", f"The disk is full: make room for the models in '{folder.parent}' and try again."
            ) from error
        reason = getattr(cause, "strerror", None) or type(error).__name__
        raise ModelError(
            "cache-not-writable",
            f"The model folder '{folder.parent}' cannot be written ({reason}). "
            "Check its permissions, or choose another folder for models.",
        ) from error
