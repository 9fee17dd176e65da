from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from utils.files import FileError, locked
from utils.log_file import RotatingFile


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("arvis", logging.INFO, __file__, 1, text, (), None)


@pytest.fixture
def made() -> Iterator[list[RotatingFile]]:
    handlers: list[RotatingFile] = []
    yield handlers
    for handler in handlers:
        handler.close()


def new(made: list[RotatingFile], path: Path, max_bytes: int = 1000, files: int = 3) -> RotatingFile:
    made.append(RotatingFile(path, max_bytes, files))
    return made[-1]


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_only_the_owner_may_read_it(tmp_path: Path, made: list[RotatingFile]) -> None:
    before = os.umask(0)
    try:
        new(made, tmp_path / "log" / "a.log").emit(record("x"))
    finally:
        os.umask(before)
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "log" / "a.log").stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path, made: list[RotatingFile]) -> None:
    path = tmp_path / "a.log"
    path.write_text("old\n")
    path.chmod(0o644)
    new(made, path).emit(record("new"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "old\nnew\n"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("")
    (tmp_path / "a.log").symlink_to(tmp_path / "target")
    with pytest.raises(FileError) as caught:
        RotatingFile(tmp_path / "a.log", 1000, 3)
    assert caught.value.code == "is-link"
    assert (tmp_path / "target").read_text() == ""


def test_a_link_that_appears_meanwhile_is_not_followed_either(
    tmp_path: Path, made: list[RotatingFile], capsys: pytest.CaptureFixture[str]
) -> None:
    handler = new(made, tmp_path / "a.log")
    (tmp_path / "target").write_text("")
    (tmp_path / "a.log").unlink()
    (tmp_path / "a.log").symlink_to(tmp_path / "target")
    handler.emit(record("x"))
    assert (tmp_path / "target").read_text() == ""
    assert "[is-link]" in capsys.readouterr().err


def test_no_more_than_so_many_files_of_such_a_size(tmp_path: Path, made: list[RotatingFile]) -> None:
    handler = new(made, tmp_path / "a.log", max_bytes=100, files=3)
    for number in range(60):
        handler.emit(record(f"{number:09}"))
    assert visible(tmp_path) == ["a.log", "a.log.1", "a.log.2"]
    assert [(tmp_path / name).stat().st_size for name in visible(tmp_path)] == [100, 100, 100]
    assert (tmp_path / "a.log").read_text().splitlines()[-1] == "000000059"
    assert (tmp_path / "a.log.2").read_text().splitlines()[0] == "000000030"


def test_one_file_begins_anew(tmp_path: Path, made: list[RotatingFile]) -> None:
    handler = new(made, tmp_path / "a.log", max_bytes=20, files=1)
    for text in ("first....", "second...", "third...."):
        handler.emit(record(text))
    assert visible(tmp_path) == ["a.log"]
    assert (tmp_path / "a.log").read_text() == "third....\n"


def test_a_record_that_is_larger_than_a_file_is_written_all_the_same(tmp_path: Path, made: list[RotatingFile]) -> None:
    handler = new(made, tmp_path / "a.log", max_bytes=10, files=2)
    handler.emit(record("x" * 50))
    assert (tmp_path / "a.log").stat().st_size == 51


def test_two_processes_share_the_files(tmp_path: Path, made: list[RotatingFile]) -> None:
    # Two handlers of one process have two descriptors, as those of two processes would.
    handlers = [new(made, tmp_path / "a.log", max_bytes=100, files=5) for _ in range(2)]
    for number in range(40):
        handlers[number % 2].emit(record(f"{number:09}"))
    lines = [line for name in visible(tmp_path) for line in (tmp_path / name).read_text().splitlines()]
    assert sorted(lines) == [f"{number:09}" for number in range(40)]


def test_a_file_that_was_deleted_is_made_again(tmp_path: Path, made: list[RotatingFile]) -> None:
    handler = new(made, tmp_path / "a.log")
    handler.emit(record("old"))
    (tmp_path / "a.log").unlink()
    handler.emit(record("new"))
    assert (tmp_path / "a.log").read_text() == "new\n"


def test_a_torn_line_is_ended(tmp_path: Path, made: list[RotatingFile]) -> None:
    (tmp_path / "a.log").write_text('{"event":"to')
    new(made, tmp_path / "a.log").emit(record("new"))
    assert (tmp_path / "a.log").read_text().splitlines() == ['{"event":"to', "new"]


def test_what_cannot_be_written_is_told_once_and_without_its_words(
    tmp_path: Path, made: list[RotatingFile], capsys: pytest.CaptureFixture[str]
) -> None:
    handler = new(made, tmp_path / "a.log")
    for _ in range(3):
        handler.emit(logging.LogRecord("arvis", logging.INFO, __file__, 1, "%d", ("open the doors",), None))
    assert capsys.readouterr().err == "arvis: the log cannot be written any more (TypeError: (withheld))\n"


def test_a_full_disk_is_told_once(made: list[RotatingFile], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    handler = new(made, tmp_path / "a.log")
    handler._descriptor, real = os.open("/dev/full", os.O_WRONLY), handler._descriptor
    os.close(real)
    handler._follow = lambda: None  # type: ignore[method-assign]  # else it would go back to the file
    handler.emit(record("x"))
    handler.emit(record("x"))
    assert capsys.readouterr().err == (
        "arvis: the log cannot be written any more (OSError: [Errno 28] No space left on device)\n"
    )


def test_what_is_logged_while_a_file_is_put_aside_is_written(tmp_path: Path, made: list[RotatingFile]) -> None:
    handler = new(made, tmp_path / "a.log", max_bytes=30, files=3)
    locks = logging.getLogger("filelock")
    before = locks.level
    locks.addHandler(handler)
    locks.setLevel(logging.DEBUG)
    try:
        for number in range(10):
            handler.emit(record(f"{number:020}"))
    finally:
        locks.removeHandler(handler)
        locks.setLevel(before)
    assert (tmp_path / "a.log").read_text().splitlines()[-1] == f"{9:020}"
    assert any("lock" in (tmp_path / name).read_text() for name in visible(tmp_path))


def test_nobody_waits_and_nothing_is_lost_while_another_process_has_the_lock(
    tmp_path: Path, made: list[RotatingFile], capsys: pytest.CaptureFixture[str]
) -> None:
    handler = new(made, tmp_path / "a.log", max_bytes=20, files=3)
    has, end = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(tmp_path / "a.log"):
            has.set()
            end.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    has.wait()
    for text in ("first....", "second...", "third...."):
        handler.emit(record(text))
    assert (tmp_path / "a.log").read_text().split() == ["first....", "second...", "third...."]
    end.set()
    holder.join()
    handler.emit(record("fourth..."))
    assert visible(tmp_path) == ["a.log", "a.log.1"]
    assert (tmp_path / "a.log").read_text() == "fourth...\n"
    assert capsys.readouterr().err == ""


def test_a_file_that_cannot_be_put_aside_goes_on(
    tmp_path: Path, made: list[RotatingFile], capsys: pytest.CaptureFixture[str]
) -> None:
    handler = new(made, tmp_path / "a.log", max_bytes=20, files=2)
    (tmp_path / "a.log.1" / "inside").mkdir(parents=True)
    for text in ("first....", "second...", "third...."):
        handler.emit(record(text))
    assert (tmp_path / "a.log").read_text().split() == ["first....", "second...", "third...."]
    assert capsys.readouterr().err.count("cannot be written any more") == 1


def test_closing_twice_is_nothing(tmp_path: Path) -> None:
    handler = RotatingFile(tmp_path / "a.log", 100, 2)
    handler.close()
    handler.close()
    assert not any(Path(f"/proc/self/fd/{fd}").resolve() == tmp_path / "a.log" for fd in os.listdir("/proc/self/fd"))
