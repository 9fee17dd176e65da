from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from modules.models.base import ModelError
from modules.models.checksums import Expected, is_right
from modules.models.partial import Origin, PartialFile
from modules.models.space import RESERVE_BYTES, Space, free_bytes
from utils.files import FileError

DATA = b"weights" * 1000
EXPECTED = Expected(len(DATA), hashlib.sha256(DATA).hexdigest())
ORIGIN = Origin("https://example.org/a", '"1"')


def test_a_file_grows_and_moves_to_its_place(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with PartialFile(target, EXPECTED) as partial:
        partial.begin(ORIGIN)
        partial.append(DATA[:100])
        assert (partial.size, partial.origin, partial.is_right()) == (100, ORIGIN, False)
        assert not target.exists()
        partial.append(DATA[100:])
        assert partial.is_right()
        partial.finish()
    assert target.read_bytes() == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_another_process_goes_on_and_reads_what_is_there(tmp_path: Path) -> None:
    with PartialFile(tmp_path / "a", EXPECTED) as partial:
        partial.begin(ORIGIN)
        partial.append(DATA[:100])
    with PartialFile(tmp_path / "a", EXPECTED) as partial:
        partial.append(DATA[100:])
        assert partial.is_right()


def test_beginning_anew_drops_what_is_there(tmp_path: Path) -> None:
    with PartialFile(tmp_path / "a", EXPECTED) as partial:
        partial.begin(ORIGIN)
        partial.append(b"x" * 100)
        partial.begin(Origin("https://example.org/b", ""))
        partial.append(DATA)
        assert partial.is_right()
        partial.discard()
        assert (partial.size, partial.origin) == (0, None)


@pytest.mark.parametrize("note", [b"", b"[]", b"{}", b"\xff"])
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, note: bytes) -> None:
    (tmp_path / "a.part.json").write_bytes(note)
    assert PartialFile(tmp_path / "a", EXPECTED).origin is None


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "a").symlink_to(tmp_path / "victim")
    with PartialFile(tmp_path / "a", EXPECTED) as partial, pytest.raises(FileError, match="is a link"):
        partial.finish()
    (tmp_path / "b.part").symlink_to(tmp_path / "victim")
    with pytest.raises(FileError, match="is a link"):
        PartialFile(tmp_path / "b", EXPECTED).__enter__()
    assert (tmp_path / "victim").read_bytes() == b"mine"


def test_the_name_that_git_gives_is_a_checksum(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"hello\n")
    # git hash-object: ce013625030ba8dba906f756967f9e9ca394464a
    right = Expected(6, git="ce013625030ba8dba906f756967f9e9ca394464a")
    assert right.checkable
    assert is_right(tmp_path / "a", right)
    assert not is_right(tmp_path / "a", Expected(6, git="0" * 40))
    assert not Expected(None, git="0" * 40).checkable


def test_a_file_that_is_missing_is_not_right(tmp_path: Path) -> None:
    assert not is_right(tmp_path / "none", Expected())
    (tmp_path / "a").write_bytes(b"abc")
    assert is_right(tmp_path / "a", Expected())
    assert not is_right(tmp_path / "a", Expected(4))


def test_the_disk_is_looked_at_once_a_second(tmp_path: Path) -> None:
    looked, now = list[Path](), [0.0]

    def free(folder: Path) -> int:
        looked.append(folder)
        return RESERVE_BYTES // 2

    space = Space(tmp_path, free, lambda: now[0])
    for now[0] in (0.0, 0.5, 0.9, 1.0, 1.5):
        space.look()
    assert len(looked) == 2
    with pytest.raises(ModelError, match="100 MB more"):
        space.require(0)


def test_the_room_of_a_folder_that_is_to_be_made_is_that_around_it(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "a" / "b") > 0
