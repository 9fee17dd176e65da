"""`arvis lock`, with the command's own application until it is a part of the whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from arvis.cli import lock
from arvis.cli.group import ArvisGroup
from tests.unit.modules.security.cheap import CHEAP
from utils import logging as logs

app = typer.Typer(cls=ArvisGroup)
app.add_typer(lock.app, name="lock")


@app.callback()
def _config(config: Path | None = None) -> None:
    """As the real one has it."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    monkeypatch.setattr("modules.security.passphrase.Cost", lambda: CHEAP)
    return tmp_path


def run(*arguments: str, typed: str = "") -> Result:
    try:
        return CliRunner().invoke(app, ["lock", *arguments], input=typed)
    finally:
        logs.tear_down()


def fails(*arguments: str, typed: str) -> str:
    result = run(*arguments, typed=typed)
    assert result.exit_code == 1
    assert "sesame" not in result.output
    return result.stderr


def guests_only(home: Path) -> None:
    (home / "config.toml").write_text('[security]\nrole = "guest"\n')


def test_the_passphrase_is_set_changed_and_removed(home: Path) -> None:
    guests_only(home)
    assert run("set", typed="open sesame\n").output == "The passphrase is set.\n"
    assert (home / "data" / "security" / "passphrase.json").exists()
    assert fails("set", typed="wrong one\nnew sesame\n") == "arvis: That is not the passphrase. Try again.\n"
    assert run("set", typed="open sesame\nnew sesame\n").exit_code == 0
    assert fails("remove", typed="open sesame\n") == "arvis: That is not the passphrase. Try again.\n"
    assert run("remove", typed="new sesame\n").output == "The passphrase is removed.\n"
    assert run("remove").output == "There is no passphrase.\n"


def test_what_was_done_is_in_the_audit_log(home: Path) -> None:
    run("set", typed="open sesame\n")
    fails("remove", typed="wrong one\n")
    lines = (home / "data" / "audit" / "audit-000001.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["log-begun", "passphrase-set", "wrong-passphrase"]
    assert not any("sesame" in line for line in lines)


def test_without_an_audit_log_nothing_is_written(home: Path) -> None:
    (home / "config.toml").write_text("[security]\naudit = false\n")
    run("set", typed="open sesame\n")
    assert not (home / "data" / "audit").exists()


def test_where_everybody_is_the_owner_it_says_that_nothing_is_locked(home: Path) -> None:
    assert "arvis config set security.role=guest" in run("set", typed="open sesame\n").stderr
    assert "nothing is locked" in run("status").stdout


def test_too_many_wrong_tries_have_to_wait_in_the_next_process_too(home: Path) -> None:
    run("set", typed="open sesame\n")
    said = [fails("remove", typed="wrong one\n") for _ in range(5)]
    assert said[-1] == "arvis: Too many wrong tries. Try again in 2 seconds.\n"


@pytest.mark.parametrize("typed", ["", "\n"])
def test_no_passphrase_is_a_sentence(typed: str) -> None:
    assert fails("set", typed=typed) == "arvis: No passphrase was given.\n"


def test_a_short_one_is_a_sentence(home: Path) -> None:
    assert "8 to 1024 characters" in fails("set", typed="short\n")
    assert not (home / "data" / "security" / "passphrase.json").exists()


def test_at_a_terminal_it_is_typed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["open sesame", "open sesame", "open sesame", "another one"])
    asked: list[str] = []

    def prompt(title: str, *, hide_input: bool, err: bool) -> str:
        asked.append(f"{title} {hide_input} {err}")
        return next(typed)

    monkeypatch.setattr("arvis.cli.lock.sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("typer.prompt", prompt)
    assert lock.ask_twice("New passphrase") == "open sesame"
    with pytest.raises(lock.PassphraseError, match="not the same"):
        lock.ask_twice("New passphrase")
    assert asked[:2] == ["New passphrase True True", "New passphrase again True True"]


def test_status(home: Path) -> None:
    assert run("status").stdout == "There is no passphrase, so nothing is locked.\n"
    guests_only(home)
    run("set", typed="open sesame\n")
    said = run("status").stdout
    assert "Who does not give it is a guest, and may: lock." in said
    assert f"If it is forgotten, delete {home / 'data' / 'security' / 'passphrase.json'}" in said
    document = json.loads(run("status", "--json").stdout)
    assert document == {
        "passphrase": True,
        "locks": True,
        "role": "guest",
        "may": ["lock"],
        "file": str(home / "data" / "security" / "passphrase.json"),
    }
