"""Speech on the disk: one file for each text, with a name that tells nothing, and never more than so many bytes."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from modules.audio.base import AudioChunk
from utils import paths
from utils.files import explained, locked, private_folder, refuse_link, write_atomic

_SUFFIX = ".speech"
_MARK = b"arvis speech 1\n"
_DIGEST = hashlib.sha256().digest_size
_KEY_BYTES = 32
_KEPT_PART = 0.9
"""Part of the limit that is left after the oldest files went, so that not every new one makes some go."""
_STALE_SECONDS = 600.0
"""Age of an unfinished file at which whoever began it has died."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What is in the folder."""

    entries: int
    size: int
    """Bytes of all entries."""


class SpeechFolder:
    """Keeps the sound of texts, and lets go first of what was not used for longest.

    Blocking; several threads and processes may share it.

    The names are keyed hashes (HMAC-SHA256) under a random key of this installation, so that nobody who has only the
    folder can tell by trying which texts are in it; he can still listen. Sound is kept as FLAC with 16 bits.

    Args:
        folder: Made when the first text is kept; None for the user's own.
        key_file: Where the key is, made when it is first needed; None for the user's own.
        limit: Bytes of all entries together.
    """

    def __init__(self, folder: Path | None = None, key_file: Path | None = None, *, limit: int = 64_000_000) -> None:
        self.folder = folder or paths.cache_dir() / "speech"
        self._key_file = key_file or paths.data_dir() / "speech-cache.key"
        self._limit = limit
        self._secret = b""

    def prepare(self) -> None:
        """Load what the first text would have to wait for.

        Raises:
            utils.files.FileError: The key cannot be read or written.
        """
        import soundfile  # noqa: F401

        self._key()

    def name(self, *facts: str) -> str:
        """Name of the sound that these facts decide.

        Raises:
            utils.files.FileError: The key cannot be read or written.
        """
        return hmac.new(self._key(), json.dumps(facts).encode(), hashlib.sha256).hexdigest()

    def read(self, name: str) -> AudioChunk | None:
        """The sound of that name, which counts as used now; None if it is not there, or was damaged and is gone now."""
        path = self._path(name)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        chunk = _decode(data)
        with contextlib.suppress(OSError):  # another process may have removed it, and the sound is here already
            if chunk is None:
                path.unlink()
            else:
                os.utime(path)
        return chunk

    def write(self, name: str, chunk: AudioChunk) -> None:
        """Keep a sound; others go if there is no more room. One that alone is too large is not kept.

        Raises:
            utils.files.FileError: The folder cannot be written.
        """
        data = _encode(chunk)
        if len(data) <= self._limit * _KEPT_PART:
            write_atomic(self._path(name), data)
            self._make_room()

    def usage(self) -> Usage:
        """How much is there."""
        entries = self._entries()
        return Usage(len(entries), sum(size for _, size, _ in entries))

    def clear(self) -> Usage:
        """Remove everything; returns what was there.

        Raises:
            utils.files.FileError: A file cannot be removed.
        """
        entries = self._entries()
        for _, _, path in entries:
            _remove(path)
        return Usage(len(entries), sum(size for _, size, _ in entries))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{_SUFFIX}"

    def _make_room(self) -> None:
        entries = sorted(self._entries())
        size = sum(size for _, size, _ in entries)
        if size <= self._limit:
            return
        for _, freed, path in entries:
            _remove(path)
            size -= freed
            if size <= self._limit * _KEPT_PART:
                return

    def _entries(self) -> list[tuple[int, int, Path]]:
        """Time of last use in nanoseconds, bytes, and path of each entry; what a dead process began is removed."""
        found = []
        try:
            with os.scandir(self.folder) as files:
                for file in files:
                    with contextlib.suppress(FileNotFoundError):  # another process removed it
                        status = file.stat(follow_symlinks=False)
                        if file.name.endswith(_SUFFIX):
                            found.append((status.st_mtime_ns, status.st_size, Path(file.path)))
                        elif file.name.endswith(".new") and status.st_mtime < time.time() - _STALE_SECONDS:
                            os.unlink(file.path)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise explained(self.folder, error) from error
        return found

    def _key(self) -> bytes:
        if not self._secret:
            private_folder(self._key_file.parent)
            with locked(self._key_file):
                self._secret = self._stored_key()
        return self._secret

    def _stored_key(self) -> bytes:
        refuse_link(self._key_file)
        try:
            secret = self._key_file.read_bytes()
        except FileNotFoundError:
            secret = b""
        except OSError as error:
            raise explained(self._key_file, error) from error
        if len(secret) != _KEY_BYTES:
            secret = secrets.token_bytes(_KEY_BYTES)
            write_atomic(self._key_file, secret)
        return secret


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise explained(path, error) from error


def _encode(chunk: AudioChunk) -> bytes:
    """A mark, the checksum of what follows, and the sound."""
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, chunk.samples, chunk.sample_rate, format="FLAC", subtype="PCM_16")
    sound = buffer.getvalue()
    return _MARK + hashlib.sha256(sound).digest() + sound


def _decode(data: bytes) -> AudioChunk | None:
    """The sound in a file; None if the file is not as it was written."""
    import soundfile

    digest, sound = data[len(_MARK) : len(_MARK) + _DIGEST], data[len(_MARK) + _DIGEST :]
    if not data.startswith(_MARK) or hashlib.sha256(sound).digest() != digest:
        return None
    samples, rate = soundfile.read(io.BytesIO(sound), dtype="float32")
    return AudioChunk(np.ascontiguousarray(samples), rate)
