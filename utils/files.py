"""Files that only their owner can read, that are never half written, and that are never written through a link."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from utils.errors import ArvisError

FILE_MODE = 0o600
FOLDER_MODE = 0o700
LEFT_SECONDS = 600.0
"""A half-written file of that age belongs to nobody any more."""
LOCK_SECONDS = 5.0
"""How long `locked` waits for another process."""


class FileError(ArvisError):
    """A file could not be written, or must not be."""

    stage = "files"


def private_folder(path: Path) -> Path:
    """Make a folder, and those around it, that only their owner can enter; folders that exist stay as they are.

    Raises:
        FileError: It cannot be made, or something else has its name.
    """
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        is_folder = path.is_dir()
    except OSError as error:
        raise explained(path, error) from error
    if not is_folder:
        raise FileError("not-a-folder", f"{path} is not a folder. Move it away, and try again.")
    return path


def write_atomic(path: Path, data: bytes) -> None:
    """Replace the content of a file; whatever happens on the way, it has either the old content or the new.

    The content is on the disk when this returns. The folder is made if it is missing.

    Raises:
        FileError: It cannot be written, or `path` is a link.
    """
    private_folder(path.parent)
    refuse_link(path)
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)  # mode 0600
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise explained(path, error) from error
    _remove_left_overs(path)
    _sync_folder(path.parent)


def open_append(path: Path) -> int:
    """A descriptor that appends to a file, which is made if it is missing, as its folder is; the caller closes it.

    Raises:
        FileError: It cannot be opened, or `path` is a link.
    """
    private_folder(path.parent)
    refuse_link(path)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, flags, FILE_MODE)
    except OSError as error:
        raise explained(path, error) from error


@contextlib.contextmanager
def locked(path: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Keep other processes, and other threads, that use this from touching `path` meanwhile.

    The lock is a file beside it, which stays there. The thread that has it may enter again.

    Raises:
        FileError: Somebody else has had it for so long, or the lock cannot be made.
    """
    import filelock

    private_folder(path.parent)
    place = path.with_name(f".{path.name}.lock")
    refuse_link(place)
    lock = filelock.FileLock(place, mode=FILE_MODE, is_singleton=True)
    try:
        lock.acquire(seconds)
    except filelock.Timeout as error:
        raise FileError(
            "locked", f"Another program is using {path}. Close other windows of Arvis and try again.", retryable=True
        ) from error
    except OSError as error:
        raise explained(path, error) from error
    try:
        yield
    finally:
        lock.release()


def confined(root: Path, name: str) -> Path:
    """The path of `name` inside `root`.

    Raises:
        FileError: `name` leads out of `root`, by "..", by being absolute, or by a link, or cannot be a name at all.
    """
    path = root / name
    try:
        place, top = path.resolve(), root.resolve()
        is_inside = place != top and place.is_relative_to(top)
    except (OSError, RuntimeError, ValueError):  # closed folders; links in a circle; a NUL
        is_inside = False
    if not is_inside:
        raise FileError("outside", f"{name!r} is not a name of a file inside {root}. Choose a plain name.")
    return path


def refuse_link(path: Path) -> None:
    """Raise where `path` is a symbolic link, existing or dangling.

    Raises:
        FileError: It is, or its folder is closed to this user.
    """
    try:
        is_link = path.is_symlink()
    except OSError as error:
        raise explained(path, error) from error
    if is_link:
        raise FileError(
            "is-link", f"{path} is a link, and Arvis writes to no file through a link. Put a plain file in its place."
        )


def explained(path: Path, error: OSError) -> FileError:
    """What a failure of the system means for the user."""
    return FileError("cannot-write", f"{path} cannot be written: {error.strerror or error}.", retryable=True)


def _remove_left_overs(path: Path) -> None:
    """Remove what writers have left that were killed; a file younger than that may be one that is being written."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.new"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_SECONDS:
                left.unlink()


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk, too; where folders cannot be opened the system does so by itself."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
