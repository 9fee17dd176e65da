"""Sound files: what the user gives, and what is saved."""

from __future__ import annotations

import os
import stat
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, AudioError, Samples
from modules.audio.resample import StreamResampler

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK_SECONDS = 10
"""Decoded at a time, so that memory goes with the length of the result and not with the rate and the channels."""

_RATES = range(1_000, 768_001)
"""Sample rates, in hertz, that sound files have; anything else is a broken header."""


def read_audio(path: str | Path, rate: int = SPEECH_RATE) -> AudioChunk:
    """Read a WAV, FLAC, OGG or MP3 file of any rate and any number of channels.

    Channels are averaged; samples that are not numbers become silence, and the rest is clipped to -1 to 1.

    Args:
        path: The file.
        rate: Sample rate of the result in hertz.

    Raises:
        AudioError: `file-not-found`; `file-unreadable` (a folder, no permission); `file-empty` (0 bytes);
            `file-not-audio` (another format, or damaged); `file-no-sound` (a sound file without a single sample).
    """
    path = Path(path)
    _check_readable(path)
    try:
        parts = _decode(path, rate)
    except OSError as error:
        raise AudioError("file-unreadable", f"The file '{path}' cannot be read: {error.strerror or error}.") from error
    samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if not samples.shape[0]:
        raise AudioError("file-no-sound", f"The file '{path}' is a sound file but has no sound in it. Record it again.")
    return AudioChunk(samples, rate)


def write_wav(path: str | Path, chunk: AudioChunk) -> None:
    """Save `chunk` as a 16-bit mono WAV file, complete or not at all.

    Raises:
        AudioError: `file-unwritable`: the folder does not exist, is not writable, or the disk is full.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_dir() and not path.is_file():
            with path.open("wb") as device:  # such as /dev/null, which must not be replaced by a file
                _write_pcm(device, chunk)
        else:
            _replace(path, chunk)
    except OSError as error:
        raise AudioError(
            "file-unwritable",
            f"The sound cannot be saved to '{path}': {error.strerror or error}. Choose another place.",
        ) from error


def _check_readable(path: Path) -> None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise AudioError("file-not-found", f"There is no file '{path}'. Check the name and the folder.") from error
    except OSError as error:
        raise AudioError("file-unreadable", f"The file '{path}' cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # a zero byte in the name
        raise AudioError("file-unreadable", f"The file '{path}' cannot be read: {error}.") from error
    if not stat.S_ISREG(status.st_mode):
        raise AudioError("file-unreadable", f"'{path}' is not a file. Give the name of a sound file.")
    if status.st_size == 0:
        raise AudioError("file-empty", f"The file '{path}' is empty (0 bytes). Record it again.")


def _decode(path: Path, rate: int) -> list[Samples]:
    import soundfile

    try:
        with path.open("rb") as raw, soundfile.SoundFile(raw) as file:
            if file.samplerate not in _RATES:
                raise _not_audio(path)
            return _convert(file, rate)
    except soundfile.LibsndfileError as error:
        raise _not_audio(path) from error


def _convert(file: Any, rate: int) -> list[Samples]:
    resampler = StreamResampler(rate)
    parts: list[Samples] = []
    while (block := file.read(_BLOCK_SECONDS * file.samplerate, dtype="float32", always_2d=True)).shape[0]:
        parts.append(resampler.push(AudioChunk(_mono(block), file.samplerate)).samples)
    parts.append(resampler.flush().samples)
    return parts


def _mono(block: NDArray[np.float32]) -> Samples:
    clean = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    mixed: Samples = np.clip(clean, -1.0, 1.0).mean(axis=1, dtype=np.float32)
    return mixed


def _not_audio(path: Path) -> AudioError:
    return AudioError(
        "file-not-audio",
        f"The file '{path}' is not a sound file that can be read, or it is damaged. Use WAV, FLAC, OGG or MP3.",
    )


def _replace(path: Path, chunk: AudioChunk) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            _write_pcm(file, chunk)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_pcm(file: BinaryIO, chunk: AudioChunk) -> None:
    clean = np.clip(np.nan_to_num(chunk.samples, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0)
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(chunk.sample_rate)
        out.writeframes((clean * 32767.0).round().astype("<i2").tobytes())
