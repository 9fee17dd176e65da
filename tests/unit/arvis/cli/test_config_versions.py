"""`arvis config migrate` and `rollback`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.arvis.cli.conftest import Command

OLD = "# mine\n[talk]\ndebounce = 0.6\n"


@pytest.fixture
def file(arvis: Command, tmp_path: Path) -> Path:
    path = tmp_path / "home" / "config.toml"
    path.write_text(OLD)
    return path


def test_migrate_and_back(arvis: Command, file: Path) -> None:
    result = arvis("config", "migrate")
    assert (result.exit_code, result.stdout) == (0, f"{file}: version 1 -> 2. The file as it was: {file}.v1.bak\n")
    assert file.read_text() == "version = 2\n\n# mine\n[talk]\ndebounce_seconds = 0.6\n"
    assert arvis("config", "migrate").stdout == "There is nothing to do: the version is 2.\n"

    result = arvis("config", "rollback")
    assert (result.exit_code, result.stdout) == (0, f"{file} is as it was in back-up 1 (v1).\n")
    assert file.read_text() == OLD
    assert "talk.debounce is now called talk.debounce_seconds" in result.stderr


def test_as_json(arvis: Command, file: Path) -> None:
    done = {"path": str(file), "migrated": True, "from": 1, "to": 2, "backup": f"{file}.v1.bak"}
    assert arvis.json("config", "migrate") == done
    assert arvis.json("config", "migrate") == {**done, "migrated": False, "from": 2, "backup": None}
    assert arvis.json("config", "rollback", "--list") == {
        "path": str(file),
        "backups": [{"number": 1, "label": "v1", "path": f"{file}.v1.bak"}],
    }
    back = arvis.json("config", "rollback", "1")
    assert (back["restored"], back["label"], len(back["problems"])) == (1, "v1", 1)


def test_what_going_back_means_is_told(arvis: Command, file: Path) -> None:
    arvis("config", "set", "llm.threads=4")
    arvis("config", "reset", "-y")
    result = arvis("config", "rollback")
    assert result.stdout.splitlines()[1:] == ["talk.debounce_seconds: 0.0 -> 0.6", "llm.threads: 2 -> 4"]
    assert "A running Arvis has to be started again for llm.threads" in result.stderr


def test_the_list_of_backups(arvis: Command, file: Path) -> None:
    assert arvis("config", "rollback", "--list").stdout == f"There is no back-up of {file}.\n"
    arvis("config", "migrate")
    assert arvis("config", "rollback", "--list").stdout == f"1  v1  {file}.v1.bak\n"


@pytest.mark.parametrize(
    ("text", "arguments", "sentence"),
    [
        ("version = 9\n", ["migrate"], "is of version 9, and this Arvis knows up to 2."),
        ("version = 'x'\n", ["migrate"], 'version is "x", but must be a whole number from 1 to 2.'),
        ("[llm\n", ["migrate"], "line 1: the file is not valid TOML"),
        (OLD, ["rollback"], "There is no back-up of"),
        (OLD, ["rollback", "3"], "There is no back-up of"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arvis: Command, file: Path, text: str, arguments: list[str], sentence: str
) -> None:
    file.write_text(text)
    assert sentence in arvis.fails("config", *arguments)
    assert file.read_text() == text
