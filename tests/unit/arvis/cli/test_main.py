"""What holds for the command as a whole."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from arvis import __version__
from arvis.cli.context import begin
from arvis.cli.group import ArvisGroup, Document, _hoist
from modules.network.policy import POLICY
from tests.unit.arvis.cli.conftest import Command
from utils.errors import ArvisError


def test_version(arvis: Command) -> None:
    result = arvis("--version")
    assert (result.exit_code, result.stdout) == (0, f"arvis {__version__}\n")


def test_help_lists_every_command(arvis: Command) -> None:
    result = arvis("--help")
    assert result.exit_code == 0
    for name in (
        "run",
        "ask",
        "doctor",
        "logs",
        "config",
        "notifications",
        "metrics",
        "audit",
        "lock",
        "cache",
        "bench",
    ):
        assert f" {name} " in result.stdout


def test_an_unknown_command_is_a_usage_error(arvis: Command) -> None:
    result = arvis("aks")
    assert result.exit_code == 2
    assert "Did you mean 'ask'" in result.stderr
    assert result.stdout == ""


def test_an_unknown_option_with_json_is_an_error_in_json(arvis: Command) -> None:
    result = arvis("devices", "--json", "--nonsense")
    assert result.exit_code == 2
    assert json.loads(result.stdout) == {"error": {"code": "usage", "message": "No such option: --nonsense"}}


def test_a_settings_file_that_does_not_exist_is_a_usage_error(arvis: Command, tmp_path: Path) -> None:
    result = arvis("--config", tmp_path / "none.toml", "config", "path")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        (["ask", "hi", "--config", "x.toml"], ["--config", "x.toml", "ask", "hi"]),
        (["ask", "--config=x.toml", "hi"], ["--config=x.toml", "ask", "hi"]),
        (["ask", "--", "--config"], ["ask", "--", "--config"]),
        (["ask", "--config"], ["--config", "ask"]),
        (["ask"], ["ask"]),
        (["ask", "--set", "a=b", "hi", "--set=c=d"], ["--set", "a=b", "--set=c=d", "ask", "hi"]),
        (
            ["ask", "--debug-transcripts", "hi", "--profile", "work"],
            ["--debug-transcripts", "--profile", "work", "ask", "hi"],
        ),
    ],
)
def test_config_may_stand_anywhere(given: list[str], moved: list[str]) -> None:
    assert _hoist(given) == moved


def made(command: object) -> typer.Typer:
    """A command line with one command of the test's own."""
    app = typer.Typer(cls=ArvisGroup, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    app.command("try")(command)  # type: ignore[type-var]  # any callable will do
    return app


def broken(json: bool = typer.Option(False, "--json")) -> Document | None:
    raise ValueError("inside")


def test_a_mistake_of_ours_is_one_sentence_too(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        result = CliRunner().invoke(made(broken), ["try"])
    assert result.exit_code == 1
    assert result.stderr == "arvis: Something unexpected went wrong (ValueError: inside).\n"
    assert result.stdout == ""
    assert "Traceback" in caplog.text


def refused(json: bool = typer.Option(False, "--json")) -> Document | None:
    raise ArvisError("no-device", "There is no microphone.")


def test_an_error_is_a_sentence_and_an_object() -> None:
    result = CliRunner().invoke(made(refused), ["try", "--json"])
    assert result.exit_code == 1
    assert result.stderr == "arvis: There is no microphone.\n"
    assert json.loads(result.stdout) == {"error": {"code": "no-device", "message": "There is no microphone."}}


def chatty(json: bool = typer.Option(False, "--json")) -> Document | None:
    typer.echo("a library prints")
    print("another one too")  # noqa: T201
    return {"done": True} if json else None


def test_what_libraries_print_stays_out_of_the_object() -> None:
    result = CliRunner().invoke(made(chatty), ["try", "--json"])
    assert json.loads(result.stdout) == {"done": True}
    assert "another one too" in result.stderr
    assert CliRunner().invoke(made(chatty), ["try"]).stdout == "a library prints\nanother one too\n"


def interrupted() -> None:
    raise KeyboardInterrupt


def test_control_c_is_quiet() -> None:
    result = CliRunner().invoke(made(interrupted), ["try"])
    assert (result.exit_code, result.stdout, result.stderr.strip()) == (130, "", "")


def unread() -> None:
    raise BrokenPipeError(32, "Broken pipe")


def test_a_closed_pipe_is_quiet() -> None:
    result = CliRunner().invoke(made(unread), ["try"])
    assert (result.exit_code, result.stderr) == (1, "")


def started(ctx: typer.Context) -> None:
    typer.echo(begin(ctx).settings.llm.threads)


def test_what_is_wrong_in_the_settings_is_said_and_the_command_goes_on(arvis: Command, tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").write_text("[llm]\nthreads = 0\n[logging]\nlevel = 'debug'\n")
    result = CliRunner().invoke(made(started), ["try"])
    assert (result.exit_code, result.stdout) == (0, "2\n")
    assert "config.toml, line 2: llm.threads is 0" in result.stderr
    assert logging.getLogger("arvis").level == logging.DEBUG
    assert (tmp_path / "home" / "log" / "arvis.log").exists()


def test_a_setting_can_be_given_for_one_call(arvis: Command) -> None:
    assert arvis("config", "get", "llm.threads", "--set", "llm.threads=7").stdout == "7\n"
    assert "must be a whole number" in arvis.fails("config", "get", "llm.threads", "--set", "llm.threads=lots")
    assert "network.offline" in arvis.fails("devices", "--set", "network.offlin=true")
    assert "no profile nope" in arvis.fails("devices", "--profile", "nope")
    assert "as its name and value" in arvis.fails("config", "get", "llm.threads", "--set", "llm.threads")


def test_offline_is_offline_for_every_command(arvis: Command) -> None:
    assert arvis("devices", "--set", "network.offline=true").exit_code in (0, 1)
    assert POLICY.offline
    arvis("devices", "--set", "network.offline=false")
    assert not POLICY.offline
