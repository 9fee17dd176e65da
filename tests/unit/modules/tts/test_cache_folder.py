from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.tts.cache_folder import SpeechFolder, Usage
from utils.files import FileError

RATE = 24_000


def noise(seconds: float = 0.5, seed: int = 1) -> AudioChunk:
    """FLAC cannot make it much smaller."""
    samples = np.random.default_rng(seed).uniform(-1, 1, round(seconds * RATE))
    return AudioChunk(samples.astype(np.float32), RATE)


def folder(root: Path, limit: int = 10_000_000) -> SpeechFolder:
    return SpeechFolder(root / "speech", root / "data" / "key", limit=limit)


def age(found: SpeechFolder, name: str, seconds: float) -> None:
    """Make an entry look as if it was used so long ago."""
    then = time.time() - seconds
    os.utime(found.folder / f"{name}.speech", (then, then))


def test_sound_comes_back_within_half_a_step_of_16_bits(tmp_path: Path) -> None:
    kept = folder(tmp_path)
    kept.write("a", noise())
    found = kept.read("a")
    assert found is not None
    assert (found.sample_rate, found.frames) == (RATE, RATE // 2)
    assert found.samples.dtype == np.float32
    assert np.abs(found.samples - noise().samples).max() <= 1 / 32768


def test_too_loud_samples_are_cut_and_do_not_wrap(tmp_path: Path) -> None:
    kept = folder(tmp_path)
    kept.write("a", AudioChunk(np.array([1.5, -1.5, 0.0], np.float32), RATE))
    found = kept.read("a")
    assert found is not None
    assert found.samples == pytest.approx([1.0, -1.0, 0.0], abs=1e-3)


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    assert folder(tmp_path).read("a") is None
    assert folder(tmp_path).usage() == Usage(0, 0)
    assert folder(tmp_path).clear() == Usage(0, 0)
    assert not (tmp_path / "speech").exists()


@pytest.mark.parametrize("damage", [b"", b"arvis speech 1\n", b"RIFF", None])
def test_damage_is_noticed_and_thrown_away(tmp_path: Path, damage: bytes | None) -> None:
    kept = folder(tmp_path)
    kept.write("a", noise())
    path = kept.folder / "a.speech"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert kept.read("a") is None
    assert not path.exists()


def test_what_was_used_last_stays(tmp_path: Path) -> None:
    size = noise().frames * 2
    kept = folder(tmp_path, limit=4 * size + size // 2)
    for number, name in enumerate("abcd"):
        kept.write(name, noise(seed=number))
        age(kept, name, 100 - number)
    assert kept.read("a") is not None
    kept.write("e", noise(seed=9))
    names = {path.stem for path in kept.folder.glob("*.speech")}
    assert names == {"a", "d", "e"} or names == {"a", "c", "d", "e"}
    assert kept.usage().size <= 4 * size + size // 2


def test_the_limit_holds_whatever_is_written(tmp_path: Path) -> None:
    kept = folder(tmp_path, limit=200_000)
    for number in range(30):
        kept.write(f"{number}", noise(0.2 + number % 7 / 10, seed=number))
        assert kept.usage().size <= 200_000
    assert kept.usage().entries >= 2


def test_what_alone_is_too_large_is_not_kept_and_pushes_nothing_out(tmp_path: Path) -> None:
    kept = folder(tmp_path, limit=60_000)
    kept.write("a", noise(0.5))
    kept.write("b", noise(5.0))
    assert [path.stem for path in kept.folder.glob("*.speech")] == ["a"]


def test_only_the_owner_can_look(tmp_path: Path) -> None:
    kept = folder(tmp_path)
    kept.write(kept.name("hello"), noise())
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (kept.folder, *kept.folder.iterdir())}
    assert modes.pop("speech") == 0o700
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "data" / "key").stat().st_mode) == 0o600


def test_names_depend_on_every_fact_and_on_the_key(tmp_path: Path) -> None:
    kept = folder(tmp_path)
    facts = [("a", "b"), ("ab", ""), ("a", "", "b"), ("", "ab"), ("a", "B"), ("a\ud800", "b")]
    names = [kept.name(*each) for each in facts]
    assert len(set(names)) == len(facts)
    assert all(len(name) == 64 for name in names)
    assert folder(tmp_path).name("a", "b") == names[0]
    assert folder(tmp_path / "elsewhere").name("a", "b") != names[0]


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_broken_key_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "key").write_bytes(content)
    name = folder(tmp_path).name("a")
    assert len((tmp_path / "data" / "key").read_bytes()) == 32
    assert folder(tmp_path).name("a") == name


def test_a_key_that_is_a_link_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    key = tmp_path / "data" / "key"
    key.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileError, match="is a link"):
        folder(tmp_path).name("a")
    key.unlink()
    key.mkdir()
    with pytest.raises(FileError):
        folder(tmp_path).prepare()


def test_clearing_removes_all_entries_and_says_how_much_that_was(tmp_path: Path) -> None:
    kept = folder(tmp_path)
    for name in "abc":
        kept.write(name, noise(0.1))
    (kept.folder / "notes.txt").write_text("mine")
    usage = kept.usage()
    assert usage.entries == 3
    assert kept.clear() == usage
    assert [path.name for path in kept.folder.iterdir() if not path.name.startswith(".")] == ["notes.txt"]


def test_an_entry_that_cannot_be_removed_is_told(tmp_path: Path) -> None:
    kept = folder(tmp_path)
    kept.folder.mkdir()
    (kept.folder / "a.speech").mkdir()
    with pytest.raises(FileError):
        kept.clear()
    assert kept.read("a") is None


def test_what_a_dead_process_began_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    kept = folder(tmp_path)
    kept.write("a", noise(0.1))
    old, young = kept.folder / ".b.speech.x1.new", kept.folder / ".c.speech.x2.new"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 3600,) * 2)
    assert kept.usage().entries == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "speech").write_text("mine")
    with pytest.raises(FileError):
        folder(tmp_path).usage()
    with pytest.raises(FileError):
        folder(tmp_path).write("a", noise(0.1))


def test_without_paths_it_is_in_the_homes_of_caches_and_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    kept = SpeechFolder()
    kept.write(kept.name("a"), noise(0.1))
    assert len(list((tmp_path / "cache" / "speech").glob("*.speech"))) == 1
    assert (tmp_path / "data" / "speech-cache.key").is_file()
