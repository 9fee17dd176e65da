"""Recordings of what was said and heard: WAV files with names that tell nothing."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from utils.files import confined, explained, write_atomic

if TYPE_CHECKING:
    from modules.audio.base import AudioChunk

ORPHAN_SECONDS = 3600.0
"""A recording of that age without a turn will not get one any more."""
_OURS = re.compile(r"[0-9a-f]{32}\.wav|\.[0-9a-f]{32}\.wav\..*\.new")


class SoundFolder:
    """A folder of recordings. Blocking; made when the first one is kept.

    Args:
        folder: Where.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, wav: bytes) -> str:
        """Store a WAV file; its name.

        Raises:
            utils.files.FileError: It cannot be written.
        """
        name = f"{secrets.token_hex(16)}.wav"
        write_atomic(confined(self.folder, name), wav)
        return name

    def read(self, name: str) -> bytes:
        """The WAV file of this name.

        Raises:
            utils.files.FileError: It is not there, cannot be read, or is no name of one.
        """
        path = confined(self.folder, name)
        try:
            return path.read_bytes()
        except OSError as error:
            raise explained(path, error) from error

    def remove(self, names: Iterable[str]) -> None:
        """Remove these recordings, as far as they are there.

        Raises:
            utils.files.FileError: One cannot be removed, or is no name of one.
        """
        for name in names:
            path = confined(self.folder, name)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise explained(path, error) from error

    def sweep(self, known: Collection[str], now: float) -> None:
        """Remove what was kept for turns that are gone, or half written, when the program died.

        Args:
            known: The recordings that belong to turns.
            now: Unix seconds.
        """
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in known and _OURS.fullmatch(path.name):
                with contextlib.suppress(OSError):  # another process does the same, or the next sweep will
                    if now - path.lstat().st_mtime > ORPHAN_SECONDS:
                        path.unlink()


def wav_bytes(chunk: AudioChunk) -> bytes:
    """A recording as a WAV file with 16 bits."""
    from io import BytesIO

    import soundfile

    file = BytesIO()
    soundfile.write(file, chunk.samples, chunk.sample_rate, format="WAV", subtype="PCM_16")
    return file.getvalue()
