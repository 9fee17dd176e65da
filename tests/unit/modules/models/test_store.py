from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from modules.models.base import ModelError
from modules.models.store import install, is_complete

WEIGHTS = b"weights" * 100


class Filler:
    """Writes one file and counts how often it had to."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "model.bin").write_bytes(WEIGHTS)


def test_a_folder_is_filled_once(tmp_path: Path) -> None:
    fill = Filler()
    target = tmp_path / "cache" / "model"
    assert install(target, fill) == target
    assert install(target, fill) == target
    assert fill.calls == 1
    assert (target / "model.bin").read_bytes() == WEIGHTS
    assert is_complete(target)
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700  # as all that Arvis keeps, its owner's only


def _truncate(folder: Path) -> None:
    (folder / "model.bin").write_bytes(WEIGHTS[:50])


def _touch(folder: Path) -> None:
    os.utime(folder / "model.bin", (1.0, 1.0))


def _remove(folder: Path) -> None:
    (folder / "model.bin").unlink()


def _spoil_stamp(folder: Path) -> None:
    (folder / ".complete.json").write_text("{", "utf-8")


@pytest.mark.parametrize("harm", [_truncate, _touch, _remove, _spoil_stamp])
def test_a_folder_that_was_changed_is_filled_again(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    fill = Filler()
    target = install(tmp_path / "model", fill)
    harm(target)
    assert not is_complete(target)
    install(target, fill)
    assert fill.calls == 2
    assert (target / "model.bin").read_bytes() == WEIGHTS


def test_what_an_interrupted_run_left_behind_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "model.partial").mkdir()
    (tmp_path / "model.partial" / "half").touch()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old").touch()
    target = install(tmp_path / "model", Filler())
    assert sorted(path.name for path in target.iterdir()) == [".complete.json", "model.bin"]
    assert not (tmp_path / "model.partial").exists()


def test_a_filler_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "model.bin").write_bytes(WEIGHTS)
        raise ModelError("wrong-checksum", "It is damaged.")

    with pytest.raises(ModelError, match="It is damaged"):
        install(tmp_path / "model", fail)
    assert not (tmp_path / "model").exists()
    assert not (tmp_path / "model.partial").exists()
    assert install(tmp_path / "model", Filler()).is_dir()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_to_be_full(tmp_path: Path, number: int) -> None:
    def full(folder: Path) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.raises(ModelError, match=f"disk is full.*'{tmp_path}'") as caught:
        install(tmp_path / "model", full)
    assert caught.value.code == "disk-full"
    assert list(tmp_path.glob("model.partial")) == []


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot be written") as caught:
        install(tmp_path / "file" / "model", Filler())
    assert caught.value.code == "cache-not-writable"


def test_two_at_once_share_the_work(tmp_path: Path) -> None:
    fill, together = Filler(), threading.Barrier(2, timeout=10)

    def both() -> Path:
        together.wait()
        return install(tmp_path / "model", fill)

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(both) for _ in range(2)]
    assert [result.result() for result in results] == [tmp_path / "model"] * 2
    assert fill.calls == 1
