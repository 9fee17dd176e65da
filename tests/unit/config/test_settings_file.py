"""The file as it is read to be changed, and as it is written back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.entries import put
from config.problem import SettingsError
from config.settings_file import SettingsFile, parse
from utils.files import FileError


def file_with(tmp_path: Path, data: bytes) -> SettingsFile:
    (tmp_path / "config.toml").write_bytes(data)
    return SettingsFile.read(tmp_path / "config.toml")


def refusal(tmp_path: Path, data: bytes) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        file_with(tmp_path, data)
    return caught.value


def test_a_file_that_is_not_there_is_made_with_the_present_version(tmp_path: Path) -> None:
    file = SettingsFile.read(tmp_path / "new" / "config.toml")
    assert (file.before, file.version, file.values()) == (None, 2, {"version": 2})
    put(file.document, "llm.threads", 4)
    assert file.write()
    assert file.path.read_text() == "version = 2\n\n[llm]\nthreads = 4\n"
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("data", "version"),
    [(b"", 2), (b"# nothing yet\n", 2), (b"[llm]\n", 1), (b"version = 1\n", 1), (b"[llm]\nversion = 5\n", 1)],
)
def test_a_file_that_says_no_version_is_of_the_first_one_unless_it_is_empty(
    tmp_path: Path, data: bytes, version: int
) -> None:
    assert file_with(tmp_path, data).version == version


@pytest.mark.parametrize("value", ["0", "-1", "true", "2.0", "'two'", "{}", "[]"])
def test_a_version_that_cannot_be_is_told(tmp_path: Path, value: str) -> None:
    file = file_with(tmp_path, f"version = {value}\n".encode())
    with pytest.raises(SettingsError, match=r"version is .*, but must be a whole number from 1 to 2") as caught:
        assert file.version
    assert caught.value.code == "bad-version"


def test_nothing_is_written_when_nothing_is_different(tmp_path: Path) -> None:
    file = file_with(tmp_path, b"version = 2\n\n\n[llm] # x\n")
    before = file.path.stat()
    assert not file.write()
    assert file.path.stat() == before


def test_the_ends_of_lines_and_the_mark_of_a_windows_editor_are_kept(tmp_path: Path) -> None:
    file = file_with(tmp_path, b"\xef\xbb\xbfversion = 2\r\n# x\r\n[llm]\r\nmodel = 'a'")
    assert file.values() == {"version": 2, "llm.model": "a"}
    put(file.document, "llm.threads", 4)
    file.write()
    assert file.path.read_bytes() == (b"\xef\xbb\xbfversion = 2\r\n# x\r\n[llm]\r\nmodel = 'a'\r\nthreads = 4\r\n")


def test_a_last_line_without_an_end_is_ended(tmp_path: Path) -> None:
    file = file_with(tmp_path, b"version = 2\n[llm]\nmodel = 'a' # last")
    put(file.document, "llm.threads", 4)
    file.write()
    assert file.path.read_text() == "version = 2\n[llm]\nmodel = 'a' # last\nthreads = 4\n"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"[llm]\nthreads = = 3\n", ", line 2: the file is not valid TOML (Invalid value), so nothing was changed."),
        (b"[llm]\nx = '\xff'\n", ", line 2: the file is not UTF-8 text, so nothing was changed."),
        (b"a = " + b"[" * 50_000, ", line 1: the file is not valid TOML"),
    ],
)
def test_a_broken_file_is_left_alone_and_what_to_do_is_told(tmp_path: Path, data: bytes, where: str) -> None:
    error = refusal(tmp_path, data)
    assert error.code == "broken"
    assert error.message.startswith(f"{tmp_path / 'config.toml'}{where}")
    assert error.message.endswith("or begin anew with `arvis config reset`, which keeps a back-up.")
    assert (tmp_path / "config.toml").read_bytes() == data


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(SettingsError, match=r"so it cannot be changed. Move it away, and try again") as caught:
        SettingsFile.read(tmp_path / "config.toml")
    assert caught.value.code == "cannot-read"


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text("")
    (tmp_path / "config.toml").symlink_to(tmp_path / "real.toml")
    with pytest.raises(FileError, match="is a link"):
        SettingsFile.read(tmp_path / "config.toml")


def test_a_document_that_would_be_read_as_something_else_is_not_written(tmp_path: Path) -> None:
    file = file_with(tmp_path, b"version = 2\n[llm]\n")
    document = parse(b"version = 2\n[llm]\nthreads = 4\n", "x")
    document["llm"]["threads"].trivia.comment_ws = " 5"
    document["llm"]["threads"].trivia.comment = "= "
    file.document = document
    with pytest.raises(SettingsError, match="cannot change it safely") as caught:
        file.write()
    assert caught.value.code == "cannot-change"
    assert file.path.read_bytes() == b"version = 2\n[llm]\n"


def test_what_only_one_parser_understands_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    import tomlkit
    from tomlkit.exceptions import UnexpectedCharError

    def fail(_text: str) -> None:
        raise UnexpectedCharError(1, 1, "x")

    monkeypatch.setattr(tomlkit, "parse", fail)
    with pytest.raises(SettingsError, match=r"^here is written in a way in which Arvis cannot change it safely"):
        parse(b"[llm]\n", "here")


def test_a_file_that_comes_in_pieces_is_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[llm]\nthreads = 4\n")
    read = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, size: read(descriptor, min(size, 6)))  # as from some network
    assert SettingsFile.read(path).values()["llm.threads"] == 4
