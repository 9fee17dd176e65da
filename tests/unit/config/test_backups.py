"""Copies of the settings file: numbered, never overwritten, and never more than five."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.backups import KEPT, backups, keep, prune, remove
from utils.files import FileError


def names(path: Path) -> list[str]:
    return [backup.path.name for backup in backups(path)]


def test_copies_are_numbered_over_all_versions(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    made = [keep(path, data, label) for data, label in ((b"1", "v1"), (b"2", "v1"), (b"3", "v2"), (b"?", "broken"))]
    assert [copy.name for copy in made] == names(path)
    assert names(path) == [
        "config.toml.v1.bak",
        "config.toml.v1.bak.2",
        "config.toml.v2.bak.3",
        "config.toml.broken.bak.4",
    ]
    assert [copy.read_bytes() for copy in made] == [b"1", b"2", b"3", b"?"]
    assert {copy.stat().st_mode & 0o777 for copy in made} == {0o600}


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert keep(path, b"1", "v1") == keep(path, b"1", "v1")
    keep(path, b"2", "v1")
    assert keep(path, b"1", "v1").name == "config.toml.v1.bak.3"


def test_a_copy_that_cannot_be_read_is_not_taken_for_the_same(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.with_name("config.toml.v1.bak").mkdir()
    assert keep(path, b"1", "v1").name == "config.toml.v1.bak.2"


def test_the_oldest_go_and_numbers_are_not_given_again(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    for number in range(1, 13):
        keep(path, str(number).encode(), "v1")
        prune(path)
    assert [backup.number for backup in backups(path)] == list(range(13 - KEPT, 13))
    assert backups(path)[-1].path.read_bytes() == b"12"


def test_other_files_are_no_copies(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    for name in (
        "config.toml",
        "config.toml.bak",
        "config.toml.v1.bak.old",
        "xconfig.toml.v1.bak",
        "config1toml.v1.bak",
    ):
        (tmp_path / name).write_text("")
    assert names(path) == []


def test_without_a_folder_there_is_no_copy(tmp_path: Path) -> None:
    assert backups(tmp_path / "none" / "config.toml") == []


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="Not a directory"):
        backups(tmp_path / "file" / "config.toml")


def test_what_cannot_be_removed_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.with_name("config.toml.v1.bak").mkdir()
    with pytest.raises(FileError):
        remove(backups(path)[0])
