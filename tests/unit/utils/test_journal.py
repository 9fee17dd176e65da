from __future__ import annotations

import resource
import signal
import stat
from pathlib import Path

import pytest

from utils.files import FileError
from utils.journal import Journal


def test_records_come_back_in_their_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "data" / "log.jsonl", durable=True)
    journal.append({"n": 1, "text": 'ä\n"}'}, {"n": 2})
    journal.append({"n": 3})

    assert list(journal.read()) == [{"n": 1, "text": 'ä\n"}'}, {"n": 2}, {"n": 3}]
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert journal.size == journal.path.stat().st_size


def test_a_missing_file_has_no_records(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "none.jsonl")

    assert (list(journal.read()), journal.size) == ([], 0)


@pytest.mark.parametrize("torn", [b'{"n":2', b"x" * 200_000, b"\x00\xff"])
def test_a_torn_line_is_never_read_and_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    journal = Journal(tmp_path / "log.jsonl")
    journal.append({"n": 1})
    with open(journal.path, "ab") as file:
        file.write(torn)

    assert list(journal.read()) == [{"n": 1}]
    journal.append({"n": 3})
    assert journal.path.read_bytes() == b'{"n":1}\n{"n":3}\n'


def test_a_file_that_is_one_torn_line_begins_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log.jsonl")
    journal.path.write_bytes(b'{"n":')
    journal.append({"n": 1})

    assert journal.path.read_bytes() == b'{"n":1}\n'


def test_damaged_lines_are_passed_over(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log.jsonl")
    journal.path.write_bytes(b'\xff\xfe\n[1]\n\n{"n":1}\nnull\n{"n":\n' + b"[" * 200_000 + b'\n{"n":2}\n')

    assert list(journal.read()) == [{"n": 1}, {"n": 2}]


def test_half_a_character_is_written_as_an_escape(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log.jsonl")
    journal.append({"text": "\udc80"})

    assert list(journal.read()) == [{"text": "\udc80"}]


def test_rewriting_replaces_all(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log.jsonl")
    journal.append(*({"n": n} for n in range(5)))
    journal.rewrite({"n": n} for n in (3, 4))
    journal.append({"n": 5})

    assert [record["n"] for record in journal.read()] == [3, 4, 5]


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    journal = Journal(tmp_path / "link")

    with pytest.raises(FileError):
        journal.append({"n": 1})
    with pytest.raises(FileError):
        journal.rewrite([])
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(FileError, match="cannot be"):
        list(Journal(tmp_path / "folder").read())
    with pytest.raises(FileError, match="cannot be"):
        _ = Journal(tmp_path / "folder" / ("x" * 300)).size


def test_of_records_that_do_not_fit_on_the_disk_none_is_there(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log.jsonl")
    journal.append({"n": 1})
    before = journal.path.read_bytes()
    handler, limits = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # stands for a full disk: what fits is written
    try:
        with pytest.raises(FileError, match="cannot be written"):
            journal.append({"n": 2}, {"n": 3, "filling": "x" * 200})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    assert journal.path.read_bytes() == before
