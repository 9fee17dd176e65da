"""Files of every earlier version come to the present one, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomlkit

from config import migration
from config.backups import backups
from config.loader import load
from config.migration import migrate, roll_back, upgraded
from config.migrations import STEPS
from config.problem import SettingsError
from config.schema import VERSION, keys
from utils.files import FileError

OLD = Path(__file__).parents[2] / "data" / "config_versions"
FILES = sorted(path.name for path in OLD.glob("version_*.toml"))
PLAIN = "version_1.toml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_every_earlier_version_has_a_step_and_a_file() -> None:
    assert list(STEPS) == list(range(1, VERSION))
    for version in STEPS:
        assert any(name.startswith(f"version_{version}") for name in FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_an_earlier_version_means_the_same_before_and_after(name: str, path: Path) -> None:
    text = (OLD / name).read_text()
    path.write_text(text)
    before = load(path, {})
    assert before.problems
    assert all(problem.harmless for problem in before.problems)

    done = migrate(path)

    assert done is not None
    assert (done.before, done.after, done.backup.name) == (1, VERSION, "config.toml.v1.bak")
    assert done.backup.read_text() == text
    after = load(path, {})
    assert after.problems == ()
    assert after.settings == before.settings
    assert after.sources == before.sources
    assert migrate(path) is None


def test_nothing_but_names_and_the_version_is_different(path: Path) -> None:
    path.write_text((OLD / PLAIN).read_text())
    migrate(path)
    before = (OLD / PLAIN).read_text().splitlines()
    after = path.read_text().splitlines()
    assert after[:2] == ["version = 2", ""]
    changed = {old: new for old, new in zip(before, after[2:], strict=True) if old != new}
    assert changed == {
        "debounce = 0.8  # I speak slowly": "debounce_seconds = 0.8  # I speak slowly",
        "cooldown = 3": "cooldown_seconds = 3",
        "follow_up = 12.5    # seconds": "follow_up_seconds = 12.5    # seconds",
    }


def test_every_earlier_name_in_the_schema_is_migrated(path: Path) -> None:
    old_names = {old: key for key in keys().values() for old in key.old_paths}
    assert old_names
    for old, key in old_names.items():
        section, name = old.split(".")
        document = upgraded(tomlkit.parse(f"version = 1\n[{section}]\n{name} = 'x'\n"), "x")
        assert document.unwrap() == {"version": VERSION, key.section: {key.name: "x"}}


@pytest.mark.parametrize("text", ["talk = 3\n", "[[wake]]\ncooldown = 1\n", "[talk]\ndebounce = 'x'\n[zzz]\n"])
def test_what_was_wrong_before_is_no_obstacle(text: str, path: Path) -> None:
    path.write_text(text)
    assert migrate(path) is not None
    assert path.read_text().startswith("version = 2\n")


def test_a_file_that_is_not_there_or_empty_needs_nothing(path: Path) -> None:
    assert migrate(path) is None
    path.write_text("# later\n")
    assert migrate(path) is None
    assert path.read_text() == "# later\n"


def test_a_newer_file_is_not_written_to(path: Path) -> None:
    path.write_text("version = 3\n[talk]\ndebounce = 1\n")
    with pytest.raises(
        SettingsError, match=r"is of version 3, and this Arvis knows up to 2\. Install a newer"
    ) as caught:
        migrate(path)
    assert caught.value.code == "newer-version"
    assert path.read_text() == "version = 3\n[talk]\ndebounce = 1\n"
    assert backups(path) == []


@pytest.mark.parametrize("error", [KeyError("x"), TypeError("x"), ValueError("x"), RecursionError()])
def test_a_step_that_fails_leaves_everything_as_it_was(
    error: Exception, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(document: tomlkit.TOMLDocument) -> tomlkit.TOMLDocument:
        document.pop("talk")
        raise error

    monkeypatch.setattr(migration, "STEPS", {1: fail})
    path.write_text((OLD / PLAIN).read_text())
    with pytest.raises(SettingsError, match="cannot change it safely"):
        migrate(path)
    assert path.read_text() == (OLD / PLAIN).read_text()
    assert backups(path) == []


def test_a_file_that_cannot_be_written_keeps_its_copy_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text((OLD / PLAIN).read_text())

    def full(*_: object) -> None:
        raise FileError("cannot-write", "No space left on device.")

    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr("config.settings_file.write_atomic", full)
            with pytest.raises(FileError):
                migrate(path)
    assert path.read_text() == (OLD / PLAIN).read_text()
    assert [backup.number for backup in backups(path)] == [1]


def test_back_and_forth(path: Path) -> None:
    path.write_text((OLD / PLAIN).read_text())
    migrate(path)
    new = path.read_text()

    assert roll_back(path).label == "v1"
    assert path.read_text() == (OLD / PLAIN).read_text()
    assert [(backup.number, backup.label) for backup in backups(path)] == [(2, "v2")]

    assert roll_back(path).label == "v2"
    assert path.read_text() == new
    assert [(backup.number, backup.label) for backup in backups(path)] == [(3, "v1")]


def test_a_chosen_copy_is_put_back_and_a_broken_file_is_kept(path: Path) -> None:
    for number in range(1, 6):
        path.with_name(f"config.toml.v1.bak{f'.{number}' if number > 1 else ''}").write_text(f"# {number}\n")
    path.write_bytes(b"[broken")
    assert roll_back(path, 1).number == 1
    assert path.read_text() == "# 1\n"
    assert [backup.path.name for backup in backups(path)][-1] == "config.toml.broken.bak.6"
    assert [backup.number for backup in backups(path)] == [2, 3, 4, 5, 6]


def test_a_copy_is_put_back_where_there_is_no_file(path: Path) -> None:
    path.with_name("config.toml.v1.bak").write_text("# 1\n")
    roll_back(path)
    assert path.read_text() == "# 1\n"
    assert backups(path) == []


def test_no_copy_is_lost_when_the_file_cannot_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2, 7):
        path.with_name(f"config.toml.v1.bak.{number}").write_text(f"# {number}\n")
    path.write_text("# now\n")

    def full(*_: object) -> None:
        raise FileError("cannot-write", "No space left on device.")

    monkeypatch.setattr(migration, "write_atomic", full)
    with pytest.raises(FileError):
        roll_back(path, 2)
    assert path.read_text() == "# now\n"
    assert [backup.number for backup in backups(path)] == [2, 3, 4, 5, 6, 7]


def test_a_copy_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no back-up of"):
        roll_back(path)
    path.with_name("config.toml.v1.bak").write_text("")
    with pytest.raises(SettingsError, match=r"There is no back-up 7 of .*; there are 1\."):
        roll_back(path, 7)
