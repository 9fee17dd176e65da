from __future__ import annotations

import io
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
import typer

from arvis.cli import models
from arvis.cli.group import ArvisGroup
from arvis.cli.models_progress import ProgressLine
from config.settings import Settings
from modules.models import manager as managing
from modules.models.catalogue import Catalogue, Kind
from modules.models.fit import Machine
from modules.models.manager import World
from modules.models.progress import Phase, Progress
from tests.integration.models.conftest import CONFIG, SIZE, WEIGHTS, a_model
from tests.unit.arvis.cli import conftest
from tests.unit.arvis.cli.conftest import Command


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command line of this sub-command, and a catalogue of two models."""
    app = typer.Typer(cls=ArvisGroup)
    app.add_typer(models.app, name="models")
    app.callback()(lambda: None)
    monkeypatch.setattr(conftest, "app", app)
    both = Catalogue((a_model(), a_model(model_id="other", memory=7 * 10**9, embedded=True)))
    monkeypatch.setattr(managing, "catalogue", lambda: both)
    monkeypatch.setattr(managing, "World", world)


def world(in_use: Callable[[], Collection[managing.Use]]) -> managing.World:
    """The machine of these tests."""
    return World(
        free=lambda folder: 10**12, machine=lambda folder: Machine(8 * 10**9, 10**12, 4, 6 * 10**9), in_use=in_use
    )


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "weights.gguf").write_bytes(WEIGHTS)
    (folder / "config.json").write_bytes(CONFIG)
    return folder


def test_models_are_listed_with_what_fits(arvis: Command) -> None:
    result = arvis("models", "list")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines == [
        ["llm", "test-model", "3", "MB", "available", "fits"],
        ["llm", "other", "3", "MB", "available", "too-big"],
    ]
    document = arvis.json("models", "list", "--kind", "llm")
    assert [model["fit"] for model in document["models"]] == ["fits", "too-big"]
    assert document["models"][0]["size"] == SIZE + len(CONFIG)
    assert "there are no models of that kind" in arvis.misused("models", "list", "--kind", "video")


def test_a_model_is_installed_shown_verified_and_removed(arvis: Command, stick: Path) -> None:
    result = arvis("models", "install", "test-model", "--from", stick)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1] == (
        "To use it: arvis config set llm.engine llama-cpp && arvis config set llm.model test-model"
    )
    shown = arvis("models", "show", "test-model").stdout
    assert "State: installed" in shown
    assert "Licence: MIT" in shown
    document = arvis.json("models", "show", "test-model")
    assert Path(document["path"]).read_bytes() == WEIGHTS

    assert arvis("models", "verify").stdout == "OK: Test model\n"
    Path(document["path"]).write_bytes(WEIGHTS[::-1])
    assert arvis.fails("models", "verify", "test-model") == (
        "Test model is damaged (weights.gguf). Repair it with: arvis models install test-model"
    )
    assert arvis.json("models", "verify", code=1)["models"][0]["wrong"] == ["weights.gguf"]
    assert arvis.json("models", "show", "test-model")["state"] == "broken"
    assert arvis.json("models", "install", "test-model", "--from", stick)["models"][0]["path"] == document["path"]

    assert arvis("models", "remove", "test-model").stdout == "Removed: Test model, 3 MB\n"
    assert arvis.fails("models", "remove", "test-model") == "Test model is not installed."
    assert arvis("models", "verify").stdout == "No model is installed.\n"


def test_failures_are_one_sentence_each_and_do_not_stop_the_others(arvis: Command, stick: Path) -> None:
    (stick / "weights.gguf").unlink()
    message = arvis.fails("models", "install", "test-model", "--from", stick)
    assert message == f"Test model could not be installed: The folder '{stick}' has no weights.gguf."
    document = arvis.json("models", "install", "test-model", "other", "--from", stick, code=1)
    assert [entry["error"]["code"] for entry in document["models"]] == ["not-there", "not-there"]
    assert document["error"]["code"] == "not-there"
    assert "no model 'nothing'" in arvis.fails("models", "install", "nothing")
    assert arvis.fails("models", "install", "test-model").startswith("There is no source of")


def test_what_settings_name_is_kept_and_the_rest_is_freed(arvis: Command, stick: Path) -> None:
    arvis("models", "install", "test-model", "other", "--from", stick)
    assert arvis.json("models", "free") == {"removed": [], "unused": 1}  # the other is the embedded one
    assert "is in use" in arvis.fails("models", "remove", "other")
    asked = arvis("models", "free")
    assert "test-model: model, 3 MB" in asked.stdout
    assert arvis.json("models", "show", "test-model")["state"] == "installed"  # nobody has said yes
    assert arvis("models", "free", "--yes").stdout.endswith("Removed: 3 MB\n")
    assert arvis("models", "free").stdout == "Nothing is unused.\n"
    assert arvis.json("models", "free", "--yes")["removed"] == []


def test_models_are_recommended_with_reasons(arvis: Command) -> None:
    lines = arvis("models", "recommend").stdout.splitlines()
    assert lines[0] == ("This machine: 8.0 GB of memory, 4 cores, 1000.0 GB free, a graphics card with 6.0 GB")
    assert lines[1] == "llm       test-model: Test model (available)"
    assert "1 MB of memory" in lines[2]
    document = arvis.json("models", "recommend", "--language", "en")
    assert document["machine"]["cores"] == 4
    assert [model["id"] for model in document["models"]] == ["test-model"]
    assert arvis.json("models", "recommend", "--language", "de")["models"] == []


def test_ctrl_c_pauses(arvis: Command, stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(*_: Any, **__: Any) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(managing.ModelManager, "install", interrupted)
    assert "arvis models install test-model" in arvis.fails("models", "install", "test-model", code=130)


def test_the_models_of_settings_are_those_of_each_engine() -> None:
    found = models.uses(Settings())
    assert ("faster-whisper", "embedded") in found
    assert ("llama-cpp", "embedded") in found
    assert ("smart-turn", "embedded") in found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"embedded": True}, "It is used by itself."),
        ({"kind": Kind.VAD}, "It is used by itself."),
        (
            {"kind": Kind.TTS, "engine": "piper"},
            "To use it: arvis config set tts.engine piper && arvis config set tts.voice",
        ),
        ({"kind": Kind.WAKE}, "To use it: arvis config set wake.model test-model"),
    ],
)
def test_how_to_use_a_model(changes: dict[str, Any], words: str) -> None:
    assert models._how_to_use(a_model(**changes)).startswith(words)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_progress_is_drawn_on_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with ProgressLine("Test model", enabled=True) as line:
        line.update(Progress("test-model", Phase.DOWNLOADING, 1_000_000, 3_000_000, 1e6))
    assert "Test model: downloading" in terminal.getvalue()
    assert "1.0/3.0 MB" in terminal.getvalue()


def test_no_progress_is_drawn_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with ProgressLine("Test model", enabled=False) as line:
        line.update(Progress("test-model", Phase.DOWNLOADING, 1, 3))
    assert terminal.getvalue() == ""
