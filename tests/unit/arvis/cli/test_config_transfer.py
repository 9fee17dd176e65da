"""`arvis config export` and `import`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from arvis.cli.main import app
from tests.unit.arvis.cli.conftest import Command


@pytest.fixture
def file(arvis: Command, tmp_path: Path) -> Path:
    path = tmp_path / "home" / "config.toml"
    path.write_text("version = 2\n[llm]\nthreads = 4 # four\n")
    return path


def test_export_prints_what_is_in_force(arvis: Command, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_UI_THEME", "dark")
    everything = tomllib.loads(arvis("config", "export").stdout)
    assert (everything["llm"]["threads"], everything["ui"]["theme"], everything["tts"]["speed"]) == (4, "dark", 1.0)
    assert tomllib.loads(arvis("config", "export", "--only-set").stdout) == {
        "version": 2,
        "llm": {"threads": 4},
        "ui": {"theme": "dark"},
    }


def test_export_to_a_file(arvis: Command, file: Path, tmp_path: Path) -> None:
    goal = tmp_path / "out.toml"
    assert arvis("config", "export", goal, "--only-set").stdout == f"Saved: {goal}\n"
    assert tomllib.loads(goal.read_text())["llm"] == {"threads": 4}
    assert goal.stat().st_mode & 0o777 == 0o600
    goal.write_text("precious")
    assert "is there already; --force replaces it" in arvis.misused("config", "export", goal)
    assert goal.read_text() == "precious"
    assert arvis("config", "export", goal, "--force").exit_code == 0
    assert goal.read_text() != "precious"


def test_where_nothing_can_be_saved(arvis: Command, file: Path, tmp_path: Path) -> None:
    assert "is a folder" in arvis.misused("config", "export", tmp_path)
    assert "there is no folder" in arvis.misused("config", "export", tmp_path / "none" / "out.toml")
    (tmp_path / "link").symlink_to(tmp_path / "other")
    assert "is a link" in arvis.fails("config", "export", tmp_path / "link")


def test_import_shows_what_changes_and_keeps_the_file(arvis: Command, file: Path, tmp_path: Path) -> None:
    (tmp_path / "in.toml").write_text("[llm]\nthreads = 8\n[talk]\ndebounce = 0.6\n[tts]\nspeed = 1.0\n")
    result = arvis("config", "import", tmp_path / "in.toml", "--yes")
    assert result.stdout.splitlines() == [
        "llm.threads: 4 -> 8",
        "talk.debounce_seconds: 0.0 -> 0.6",
        f"Imported. The file as it was: {file}.v2.bak",
    ]
    assert file.read_text() == ("version = 2\n[llm]\nthreads = 8 # four\n\n[talk]\ndebounce_seconds = 0.6\n")
    assert arvis("config", "import", tmp_path / "in.toml", "--yes").stdout == "Nothing had to be changed.\n"


def test_import_as_json(arvis: Command, file: Path, tmp_path: Path) -> None:
    (tmp_path / "in.toml").write_text("[tts]\nfallback = []\n")
    document = arvis.json("config", "import", tmp_path / "in.toml", "--yes")
    assert document["changes"] == [{"key": "tts.fallback", "old": ["piper", "espeak-ng"], "new": []}]
    assert document["backup"] == f"{file}.v2.bak"


def test_import_from_standard_input(arvis: Command, file: Path) -> None:
    result = CliRunner().invoke(app, ["config", "import", "-", "--yes"], input="[ui]\ntheme = 'dark'\n")
    assert result.exit_code == 0, result.output
    assert 'theme = "dark"' in file.read_text()


def test_import_asks(arvis: Command, file: Path, tmp_path: Path) -> None:
    (tmp_path / "in.toml").write_text("[llm]\nthreads = 8\n")
    before = file.read_text()
    result = arvis("config", "import", tmp_path / "in.toml")
    assert result.exit_code == 1
    assert result.stderr == (
        f"arvis: Import this into {file}? Nobody can be asked here, so nothing was done: add --yes.\n"
    )
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("data", "sentences"),
    [
        (
            b"[llm]\nthreads = 99\nmodel = 'x'\nzzz = 1\n",
            [
                "in.toml, line 2: llm.threads is 99",
                "in.toml, line 4: there is no setting llm.zzz",
                "in.toml is not valid",
            ],
        ),
        (b"[llm\n", ["in.toml, line 1: the file is not valid TOML"]),
        (b"\xff", ["in.toml, line 1: the file is not UTF-8 text"]),
        (b"#" * 300_000, ["in.toml is too large to be a settings file."]),
        (b"[llm]\napi_key = 'sk-0123456789abcdef'\n", ["a secret is never kept in a file", "in.toml is not valid"]),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_imported(
    arvis: Command, file: Path, tmp_path: Path, data: bytes, sentences: list[str]
) -> None:
    (tmp_path / "in.toml").write_bytes(data)
    before = file.read_text()
    result = arvis("config", "import", tmp_path / "in.toml", "--yes")
    assert result.exit_code == 1
    for line, sentence in zip(result.stderr.splitlines(), sentences, strict=True):
        assert sentence in line
    assert "0123456789" not in result.output
    assert "is used" not in result.output  # what is refused is not in force
    assert "is ignored" not in result.output
    assert file.read_text() == before


def test_what_is_only_worth_knowing_is_told_and_imported(arvis: Command, file: Path, tmp_path: Path) -> None:
    (tmp_path / "in.toml").write_text("version = 99\n[ui]\ntheme = 'dark'\n")
    result = arvis("config", "import", tmp_path / "in.toml", "--yes")
    assert result.exit_code == 0, result.output
    assert "what this one does not know is ignored" in result.stderr
    assert 'theme = "dark"' in file.read_text()


def test_a_file_that_is_not_there(arvis: Command, file: Path, tmp_path: Path) -> None:
    assert arvis.fails("config", "import", tmp_path / "none").endswith(
        "none cannot be read: No such file or directory."
    )
    assert arvis.fails("config", "import", tmp_path).endswith("cannot be read: Is a directory.")
