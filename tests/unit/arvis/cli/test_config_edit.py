"""`arvis config edit`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from arvis.cli import config_edit
from tests.unit.arvis.cli.conftest import Command

FILE = "version = 2\n[llm]\nthreads = 4\n"
Editor = Callable[[str], None]


@pytest.fixture
def file(arvis: Command, tmp_path: Path) -> Path:
    path = tmp_path / "home" / "config.toml"
    path.write_text(FILE)
    return path


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """An editor that is a program: it gets the lines of the file in `text`, changes them and counts its runs."""

    def make(program: str) -> None:
        script = tmp_path / "my editor.py"
        script.write_text(
            "import pathlib, sys\n"
            f"counter = pathlib.Path({str(tmp_path / 'runs')!r})\n"
            "runs = len(counter.read_text()) if counter.exists() else 0\n"
            "counter.write_text('x' * (runs + 1))\n"
            "file = pathlib.Path(sys.argv[1])\n"
            "text = file.read_text()\n"
            f"{program}\n"
            "file.write_text(text)\n"
        )
        monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{script}'")

    return make


def test_a_valid_change_is_saved_and_told(arvis: Command, file: Path, editor: Editor) -> None:
    editor("text = text.replace('threads = 4', 'threads = 8 # more')")
    result = arvis("config", "edit")
    assert result.exit_code == 0, result.output
    assert result.stdout == "llm.threads: 4 -> 8\n"
    assert result.stderr == "arvis: A running Arvis has to be started again for llm.threads.\n"
    assert file.read_text() == "version = 2\n[llm]\nthreads = 8 # more\n"


def test_the_first_edit_makes_the_file(arvis: Command, tmp_path: Path, editor: Editor) -> None:
    editor("assert text == 'version = 2\\n'; text += '[ui]\\n'")
    assert arvis("config", "edit").stdout == "Saved; no setting has changed.\n"
    assert (tmp_path / "home" / "config.toml").read_text() == "version = 2\n[ui]\n"


def test_nothing_is_saved_when_nothing_was_changed(arvis: Command, tmp_path: Path, editor: Editor) -> None:
    editor("pass")
    assert arvis("config", "edit").stdout == "Nothing was changed.\n"
    assert not (tmp_path / "home" / "config.toml").exists()


def test_visual_comes_before_editor(
    arvis: Command, file: Path, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor("pass")
    monkeypatch.setenv("VISUAL", "false")
    assert arvis.fails("config", "edit") == "The editor 'false' ended with code 1. Nothing was changed."


def test_what_is_not_valid_is_not_saved_but_kept(arvis: Command, file: Path, editor: Editor) -> None:
    editor("text = text.replace('4', '99')")
    result = arvis("config", "edit")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"arvis: {file}, line 3: llm.threads is 99, but must be a whole number from 1 to 32.",
        f"arvis: The settings were not changed. What you wrote is kept in {file}.rejected.",
    ]
    assert file.read_text() == FILE
    assert Path(f"{file}.rejected").read_text() == "version = 2\n[llm]\nthreads = 99\n"


def test_a_file_that_is_refused_is_not_told_as_if_it_were_in_force(arvis: Command, file: Path, editor: Editor) -> None:
    editor("text = '[llm'")
    said = arvis("config", "edit").stderr
    assert "is not valid TOML" in said
    assert "default" not in said
    assert "network.offline" not in said


def test_it_can_be_edited_again(
    arvis: Command, file: Path, tmp_path: Path, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor("text = text.replace('4', '[') if runs == 0 else text.replace('[', '[', 1).replace('= [', '= 8')")
    asked: list[str] = []

    def confirm(question: str, **_: bool) -> bool:
        asked.append(question)
        return True

    monkeypatch.setattr(config_edit, "is_terminal", lambda: True)
    monkeypatch.setattr(typer, "confirm", confirm)
    result = arvis("config", "edit")
    assert result.exit_code == 0, result.output
    assert asked == ["Edit again?"]
    assert "is not valid TOML" in result.stderr
    assert (tmp_path / "runs").read_text() == "xx"
    assert file.read_text() == "version = 2\n[llm]\nthreads = 8\n"


def test_what_another_program_wrote_meanwhile_is_not_overwritten(arvis: Command, file: Path, editor: Editor) -> None:
    editor(f"text += '# mine'; pathlib.Path({str(file)!r}).write_text('# theirs')")
    assert "was changed by another program meanwhile" in arvis.fails("config", "edit")
    assert file.read_text() == "# theirs"


def test_an_editor_that_removes_the_copy(arvis: Command, file: Path, editor: Editor) -> None:
    editor("file.unlink(); sys.exit()")
    said = arvis.fails("config", "edit")
    assert said == "The copy that is edited is not there: No such file or directory. Nothing was changed."
    assert file.read_text() == FILE


def test_a_broken_file_can_be_mended(arvis: Command, file: Path, editor: Editor) -> None:
    file.write_bytes(b"[llm\n")
    editor("text = text.replace('[llm', '[llm]')")
    assert arvis("config", "edit").exit_code == 0
    assert file.read_text() == "[llm]\n"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("/no/such/editor --wait", "The editor '/no/such/editor' cannot be started: No such file or directory."),
        ("'unbalanced", "The editor ''unbalanced' cannot be started: No closing quotation."),
    ],
)
def test_an_editor_that_is_none(
    arvis: Command, file: Path, command: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", command)
    assert arvis.fails("config", "edit").startswith(sentence)


def test_without_an_editor(arvis: Command, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert "Name one in the environment variable EDITOR" in arvis.fails("config", "edit")
    monkeypatch.setattr("shutil.which", lambda name: "/bin/true" if name == "nano" else None)
    assert arvis("config", "edit").stdout == "Nothing was changed.\n"
