"""The folder of recordings."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.audio.files import read_audio
from modules.history.sounds import SoundFolder, wav_bytes
from utils.files import FileError


def test_a_recording_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    folder = SoundFolder(tmp_path / "sounds")
    name = folder.keep(b"RIFF")
    assert folder.read(name) == b"RIFF"
    assert stat.S_IMODE((folder.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.folder.stat().st_mode) == 0o700
    assert folder.keep(b"RIFF") != name


@pytest.mark.parametrize("name", ["../outside.wav", "/etc/passwd", "", "missing.wav"])
def test_only_recordings_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.wav").write_bytes(b"x")
    folder = SoundFolder(tmp_path / "sounds")
    folder.keep(b"RIFF")
    with pytest.raises(FileError):
        folder.read(name)


def test_only_recordings_are_removed(tmp_path: Path) -> None:
    folder = SoundFolder(tmp_path / "sounds")
    names = [folder.keep(b"RIFF") for _ in range(3)]
    folder.remove([*names[:2], names[0]])
    assert [file.name for file in folder.folder.iterdir()] == names[2:]
    with pytest.raises(FileError):
        folder.remove(["../sounds"])
    (folder.folder / "folder").mkdir()
    with pytest.raises(FileError, match="cannot be"):
        folder.remove(["folder"])


def test_where_nothing_was_kept_nothing_is_swept(tmp_path: Path) -> None:
    SoundFolder(tmp_path / "sounds").sweep(set(), 9e9)
    assert list(tmp_path.iterdir()) == []


def test_a_wav_file_has_the_sound(tmp_path: Path) -> None:
    samples = np.array([0.0, 0.5, -0.5, 2.0, -2.0], np.float32)
    path = tmp_path / "x.wav"
    path.write_bytes(wav_bytes(AudioChunk(samples, 16_000)))
    assert io.BytesIO(path.read_bytes()).read(4) == b"RIFF"
    assert read_audio(path).samples == pytest.approx([0.0, 0.5, -0.5, 1.0, -1.0], abs=1e-3)
