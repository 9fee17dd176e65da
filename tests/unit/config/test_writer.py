"""Settings are written all or not at all, and only those that are allowed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from config.backups import backups
from config.loader import load
from config.problem import SettingsError
from config.writer import Change, change, expanded, reset
from utils.files import FileError

FILE = "# mine\nversion = 2\n\n[llm]\nthreads = 4 # four\nthread = 5\n\n[talk]\nmode = 'toggle'\nmax_seconds = 60\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(FILE)
    return tmp_path / "config.toml"


def refused(path: Path, values: dict[str, Any] | None = None, unset: tuple[str, ...] = ()) -> str:
    before = path.read_bytes()
    with pytest.raises(SettingsError) as caught:
        change(path, values, unset)
    assert path.read_bytes() == before
    return caught.value.message


def test_many_settings_are_written_at_once(path: Path) -> None:
    done = change(path, {"llm.threads": 8, "tts.fallback": ("piper",), "talk.mode": "toggle"}, ["talk.max_seconds"])
    assert path.read_text() == (
        "# mine\nversion = 2\n\n[llm]\nthreads = 8 # four\nthread = 5\n\n[talk]\nmode = 'toggle'\n\n"
        '[tts]\nfallback = ["piper"]\n'
    )
    assert done.migrated is None
    assert done.changes == (
        Change("llm.threads", 4, 8),
        Change("talk.max_seconds", 60, None),
        Change("tts.fallback", None, ["piper"]),
    )
    assert backups(path) == []


def test_a_profile_and_its_folder_are_made(tmp_path: Path) -> None:
    path = tmp_path / "profiles" / "work.toml"
    change(path, {"ui.theme": "dark"})
    assert tomllib.loads(path.read_text()) == {"version": 2, "ui": {"theme": "dark"}}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"llm.threads": 99, "talk.mode": "toggle", "vad.threshold": "high"},
            "llm.threads is 99, but must be a whole number from 1 to 32; "
            'vad.threshold is "high", but must be a number from 0.05 to 0.95. Nothing was changed.',
        ),
        ({"llm.thread": 3}, "there is no setting llm.thread; did you mean llm.threads. Nothing was changed."),
        ({"llm": 3}, "llm is a section: name the setting, as in llm.engine. Nothing was changed."),
        (
            {"version": 1},
            "there is no setting version; see `arvis config show` for those there are. Nothing was changed.",
        ),
        (
            {"audio.input_device": "\udcff"},
            "audio.input_device is no text that can be written as UTF-8. Nothing was changed.",
        ),
        ({"llm.threads": True}, "llm.threads is true, but must be a whole number from 1 to 32. Nothing was changed."),
        (
            {"llm.temperature": float("nan")},
            "llm.temperature is nan, but must be a number from 0 to 2. Nothing was changed.",
        ),
    ],
)
def test_one_that_is_not_allowed_keeps_all_from_being_written(path: Path, values: dict[str, Any], message: str) -> None:
    assert refused(path, {"ui.theme": "dark", **values}) == message


@pytest.mark.parametrize("key", ["llm.api_key", "metrics.token", "llm.password"])
def test_a_secret_is_not_written_and_not_repeated(path: Path, key: str) -> None:
    message = refused(path, {key: "sk-0123456789abcdef"})
    assert "a secret is never kept in a file" in message
    assert "0123456789" not in message


def test_what_is_unknown_can_be_removed_where_it_is(path: Path) -> None:
    change(path, unset=["llm.thread"])
    assert load(path, {}).problems == ()
    assert refused(path, unset=("llm.thread",)) == "there is no setting llm.thread; did you mean llm.threads."
    assert "there is no setting version" in refused(path, unset=("version",))
    assert "there is no setting llm;" in refused(path, unset=("llm",))


def test_an_earlier_version_is_migrated_first(path: Path) -> None:
    path.write_text("[talk]\ndebounce = 0.6 # slow\n")
    done = change(path, {"ui.theme": "dark"})
    assert path.read_text() == ('version = 2\n\n[talk]\ndebounce_seconds = 0.6 # slow\n\n[ui]\ntheme = "dark"\n')
    assert done.changes == (Change("ui.theme", None, "dark"),)
    assert done.migrated is not None
    assert done.migrated.backup.read_text() == "[talk]\ndebounce = 0.6 # slow\n"


def test_an_earlier_name_can_be_removed(path: Path) -> None:
    path.write_text("[talk]\ndebounce = 0.6 # slow\nmode = 'hold'\n")
    done = change(path, unset=["talk.debounce"])
    assert path.read_text() == "version = 2\n\n[talk]\nmode = 'hold'\n"
    assert done.changes == (Change("talk.debounce_seconds", 0.6, None),)


def test_a_newer_version_is_written_to_only_by_force(path: Path) -> None:
    path.write_text("version = 9\n[llm]\nthreads = 4\nmystery = 1\n")
    assert "this Arvis knows up to 2" in refused(path, {"llm.threads": 5})
    change(path, {"llm.threads": 5}, force=True)
    assert path.read_text() == "version = 9\n[llm]\nthreads = 5\nmystery = 1\n"


def test_a_link_is_not_written_through(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    with pytest.raises(FileError, match="is a link"):
        change(link, {"ui.theme": "dark"})
    assert path.read_text() == FILE


def test_a_section_and_a_setting_are_reset(path: Path) -> None:
    copy = reset(path, ["llm", "talk.mode"])
    assert path.read_text() == "# mine\nversion = 2\n\n[llm]\nthread = 5\n\n[talk]\nmax_seconds = 60\n"
    assert copy is not None
    assert copy.read_text() == FILE


def test_everything_is_reset_even_what_cannot_be_read(path: Path) -> None:
    path.write_bytes(b"[llm\n\xff")
    copy = reset(path)
    assert copy is not None
    assert (copy.name, copy.read_bytes()) == ("config.toml.broken.bak", b"[llm\n\xff")
    assert path.read_text() == "version = 2\n"
    assert load(path, {}).problems == ()


def test_without_a_file_there_is_nothing_to_reset(tmp_path: Path) -> None:
    assert reset(tmp_path / "none.toml") is None
    assert reset(tmp_path / "none.toml", ["llm"]) is None


def test_a_newer_version_is_reset_as_a_whole_or_by_force(path: Path) -> None:
    path.write_text("version = 9\n[llm]\nthreads = 4\n")
    with pytest.raises(SettingsError, match="version 9"):
        reset(path, ["llm"])
    assert backups(path) == []
    reset(path, ["llm"], force=True)
    assert path.read_text() == "version = 9\n"
    reset(path)
    assert path.read_text() == "version = 2\n"


def test_names_of_sections_stand_for_what_is_inside() -> None:
    assert expanded(["vad", "llm.threads"]) == ["vad.threshold", "llm.threads"]
    with pytest.raises(SettingsError, match=r"there is no setting llm.thread; did you mean llm.threads"):
        expanded(["vad", "llm.thread"])


@pytest.mark.parametrize("key", ["llm.model", "audio.input_device", "llm.system_prompt"])
@pytest.mark.parametrize("text", ['a"b\\c', "two\nlines\t", "é☃🎙", "\x00\x1b\x7f", "'''", "# not a comment"])
def test_every_text_is_read_again_as_it_was(path: Path, key: str, text: str) -> None:
    change(path, {key: text})
    assert load(path, {}).settings.get(key) == text
