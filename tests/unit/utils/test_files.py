from __future__ import annotations

import contextlib
import multiprocessing
import os
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from utils.files import FileError, confined, locked, open_append, private_folder, write_atomic


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_and_folders_are_their_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_atomic(path, b"one")

    assert path.read_bytes() == b"one"
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o600, 0o700, 0o700)


def test_a_second_write_replaces_the_first_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"a long first content")
    write_atomic(path, b"two")

    assert path.read_bytes() == b"two"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_what_killed_writers_have_left_is_removed_later(tmp_path: Path) -> None:
    old, young, other = (tmp_path / name for name in (".file.a.new", ".file.b.new", ".other.c.new"))
    for left in (old, young, other):
        left.write_bytes(b"half")
        os.utime(left, (0, 0))
    os.utime(young)
    write_atomic(tmp_path / "file", b"whole")

    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".file.b.new", ".other.c.new", "file"]


@pytest.mark.parametrize("exists", [True, False])
def test_nothing_is_written_through_a_link(tmp_path: Path, exists: bool) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    if exists:
        target.write_bytes(b"theirs")
    link.symlink_to(target)

    for write in (lambda: write_atomic(link, b"ours"), lambda: open_append(link)):
        with pytest.raises(FileError, match="is a link") as caught:
            write()
        assert caught.value.code == "is-link"
    assert target.exists() == exists
    assert not exists or target.read_bytes() == b"theirs"


def test_a_folder_whose_name_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")

    with pytest.raises(FileError, match="is not a folder"):
        private_folder(tmp_path / "taken")
    with pytest.raises(FileError, match="cannot be written"):
        private_folder(tmp_path / "taken" / "inside")


@contextlib.contextmanager
def without_privileges() -> Iterator[None]:
    """As a user to whom folders can be closed; the administrator may write everywhere."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize(
    "write", [lambda path: write_atomic(path, b"ours"), open_append, lambda path: locked(path).__enter__()]
)
@pytest.mark.parametrize("mode", [0o555, 0o000])
@pytest.mark.parametrize("name", ["file", "folder/file"])
def test_a_folder_that_is_closed_is_told_whatever_is_tried(
    mode: int, name: str, write: Callable[[Path], object]
) -> None:
    with tempfile.TemporaryDirectory() as folder:  # not in `tmp_path`, which is closed to other users as a whole
        Path(folder).chmod(0o711)
        with locked(Path(folder) / "open"):
            """What it imports may be closed to other users, too."""
        closed = Path(folder) / "closed"
        closed.mkdir(mode)
        with without_privileges(), pytest.raises(FileError, match="cannot be written: Permission denied"):
            write(closed / name)
        closed.chmod(0o700)


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / ".file.lock").mkdir()

    with pytest.raises(FileError, match="cannot be written"), locked(tmp_path / "file"):
        pass


def test_what_goes_wrong_under_a_lock_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="ours"), locked(tmp_path / "file"):
        raise TimeoutError("ours")
    with locked(tmp_path / "file", seconds=0):
        pass


def test_a_failed_write_keeps_the_old_content(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    with pytest.raises(FileError, match="cannot be written"):
        write_atomic(folder, b"a file cannot replace a folder")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../outside", ".", ""])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    root.mkdir()

    with pytest.raises(FileError) as caught:
        confined(root, name)
    assert caught.value.code == "outside"


def test_a_link_that_leads_out_is_refused_and_a_plain_name_is_not(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)

    assert confined(root, "a/b") == root / "a" / "b"
    with pytest.raises(FileError):
        confined(root, "link/file")


@pytest.mark.parametrize("name", ["circle", "circle/file", "a\0b"])
def test_what_can_be_no_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "circle").symlink_to("circle")

    with pytest.raises(FileError) as caught:
        confined(tmp_path, name)
    assert caught.value.code == "outside"


def test_the_holder_of_a_lock_may_enter_again_and_others_wait(tmp_path: Path) -> None:
    path = tmp_path / "file"
    refused: list[str] = []

    def other() -> None:
        try:
            with locked(path, seconds=0):
                pass
        except FileError as error:
            refused.append(error.code)

    with locked(path), locked(path):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        process = multiprocessing.get_context("spawn").Process(target=hold, args=(path,))
        process.start()
        process.join()
        assert process.exitcode == 1
    assert refused == ["locked"]
    other()
    assert refused == ["locked"]


def hold(path: Path) -> None:
    try:
        with locked(path, seconds=0):
            pass
    except FileError:
        raise SystemExit(1) from None
