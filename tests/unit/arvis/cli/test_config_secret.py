"""`arvis config secret`: no value is ever an argument or printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from arvis import security
from arvis.cli import config_secret
from arvis.cli.main import app
from modules.security.base import Record, SecretError, ignore
from modules.security.secrets import EnvironmentSecrets, LayeredSecrets, Waiting, be_silent
from tests.unit.arvis.cli.conftest import Command

VALUE = "sk-0123456789abcdef"
KEY = "llm.api_key"


class Box:
    """Keeps secrets in memory."""

    place = "box"
    usable = True

    def __init__(self) -> None:
        self.inside: dict[str, str] = {}
        self.ask: Callable[[bool], str] | None = None
        self.record: Record = ignore
        self.waiting: Waiting = be_silent
        self.error: SecretError | None = None

    def get(self, name: str) -> str | None:
        return self.inside.get(name)

    def set(self, name: str, value: str) -> None:
        self.waiting("Answer the window.")
        self.inside[name] = value

    def delete(self, name: str) -> bool:
        return self.inside.pop(name, None) is not None

    def names(self) -> tuple[str, ...]:
        if self.error is not None:
            raise self.error
        return tuple(self.inside)


@pytest.fixture
def box(arvis: Command, monkeypatch: pytest.MonkeyPatch) -> Box:
    made = Box()

    def open_box(ask: Callable[[bool], str] | None, record: Record, waiting: Waiting) -> LayeredSecrets:
        made.ask, made.record, made.waiting = ask, record, waiting
        return LayeredSecrets(EnvironmentSecrets({}), [made])

    monkeypatch.setattr(security, "secret_store", open_box)
    return made


def test_a_secret_is_read_from_standard_input(box: Box) -> None:
    result = CliRunner().invoke(app, ["config", "secret", "set", KEY], input=f"{VALUE}\r\nrest\n")
    assert (result.exit_code, result.stdout) == (0, f"Kept: {KEY} (box)\n")
    assert box.inside == {KEY: VALUE}
    assert box.ask is None


def test_a_secret_is_asked_for_without_being_shown(arvis: Command, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def prompt(question: str, *_: object, hide_input: bool, **__: object) -> str:
        asked.append((question, hide_input))
        return VALUE

    monkeypatch.setattr(config_secret, "is_terminal", lambda: True)
    monkeypatch.setattr(typer, "prompt", prompt)
    result = arvis("config", "secret", "set", KEY)
    assert (result.exit_code, VALUE in result.output) == (0, False)
    assert box.inside == {KEY: VALUE}
    assert box.ask is not None
    assert [box.ask(True), box.ask(False)] == [VALUE, VALUE]
    assert asked == [
        (f"Value of {KEY}", True),
        ("New passphrase of the encrypted file", True),
        ("Passphrase of the encrypted file", True),
    ]


def test_a_secret_is_no_argument(arvis: Command, box: Box) -> None:
    arvis.misused("config", "secret", "set", KEY, VALUE)
    assert box.inside == {}


def test_where_secrets_are_is_listed_and_not_what_they_are(arvis: Command, box: Box) -> None:
    box.inside[KEY] = VALUE
    assert arvis("config", "secret", "list").stdout.splitlines() == [
        "llm.api_key: box (or ARVIS_LLM_API_KEY in the environment)",
        "metrics.token: not set (or ARVIS_METRICS_TOKEN in the environment)",
    ]
    assert arvis.json("config", "secret", "list")["secrets"] == [
        {"name": "llm.api_key", "variable": "ARVIS_LLM_API_KEY", "place": "box"},
        {"name": "metrics.token", "variable": "ARVIS_METRICS_TOKEN", "place": None},
    ]


def test_what_is_locked_is_told_and_the_rest_is_listed(
    arvis: Command, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.error = SecretError("locked", "The keyring is locked.")
    result = arvis("config", "secret", "list")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "llm.api_key: not known (or ARVIS_LLM_API_KEY in the environment)"
    assert result.stderr.splitlines()[0] == "arvis: llm.api_key: The keyring is locked."


def test_that_a_window_waits_is_said_on_standard_error(box: Box) -> None:
    result = CliRunner().invoke(app, ["config", "secret", "set", KEY], input=f"{VALUE}\n")
    assert result.stderr == "arvis: Answer the window.\n"


def test_a_secret_is_forgotten(arvis: Command, box: Box) -> None:
    box.inside[KEY] = VALUE
    assert arvis("config", "secret", "unset", KEY).stdout == f"Forgotten: {KEY}\n"
    assert box.inside == {}
    assert arvis("config", "secret", "unset", KEY).stdout == f"There was none: {KEY}\n"


def test_what_cannot_be_a_secret_is_one_sentence(arvis: Command, box: Box) -> None:
    assert arvis.fails("config", "secret", "set", "llm.threads").startswith("There is no secret 'llm.threads'.")
    assert "has 1 to 8192 characters" in arvis.fails("config", "secret", "set", KEY)  # standard input is empty
    assert box.inside == {}


def test_the_audit_log_is_told_unless_it_is_off(arvis: Command, box: Box, tmp_path: Path) -> None:
    arvis("config", "secret", "list")
    assert box.record is not ignore
    (tmp_path / "home" / "config.toml").write_text("[security]\naudit = false\n")
    arvis("config", "secret", "list")
    assert box.record is ignore
