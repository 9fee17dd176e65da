"""Models that are whole, missing, changed and unreadable."""

from __future__ import annotations

import base64
import hashlib
import importlib
from pathlib import Path

import pytest

from modules.health.base import Status
from modules.health.weights import Weights, changed_files, check_weights
from modules.models.base import ModelError

CONTENT = b"weights" * 1000
PACKAGE = "some-model"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one model file, as an installer leaves it; returns that file."""
    file = tmp_path / "some_model" / "model.gguf"
    file.parent.mkdir()
    file.write_bytes(CONTENT)
    (file.parent / "code.py").write_text("")
    digest = base64.urlsafe_b64encode(hashlib.sha256(CONTENT).digest()).rstrip(b"=").decode()
    notes = tmp_path / "some_model-1.0.dist-info"
    notes.mkdir()
    (notes / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n")
    (notes / "RECORD").write_text(
        f"some_model/model.gguf,sha256={digest},{len(CONTENT)}\n"
        f"some_model/code.py,sha256={digest},7\n"
        "some_model/notes.json,,\n"
    )
    (file.parent / "notes.json").write_text("{}")
    monkeypatch.syspath_prepend(tmp_path)
    return file


def weights(*, essential: bool = True) -> Weights:
    return Weights("Some model", Path.cwd, (PACKAGE,), essential)


@pytest.mark.parametrize(("thorough", "how"), [(False, "sizes compared"), (True, "every byte compared")])
def test_files_as_they_were_installed(installed: Path, thorough: bool, how: str) -> None:
    found = check_weights([weights(), Weights("Another", Path.cwd)], thorough=thorough)
    assert (found.status, found.reason) == (Status.HEALTHY, f"Complete: Some model, Another ({how}).")


@pytest.mark.parametrize("thorough", [False, True])
def test_a_file_that_was_cut_off(installed: Path, thorough: bool) -> None:
    installed.write_bytes(CONTENT[:-1])
    found = check_weights([weights()], thorough=thorough)
    assert found.status is Status.UNHEALTHY
    assert found.reason == "The files of Some model are not what was installed: model.gguf."
    assert found.remedy


def test_a_changed_byte_is_found_where_every_byte_is_compared(installed: Path) -> None:
    installed.write_bytes(b"W" + CONTENT[1:])
    assert check_weights([weights()], thorough=False).status is Status.HEALTHY
    assert check_weights([weights()], thorough=True).status is Status.UNHEALTHY


def test_a_file_that_is_gone(installed: Path) -> None:
    installed.unlink()
    assert changed_files(PACKAGE, thorough=False) == ["model.gguf"]


def test_what_no_installer_noted_cannot_be_compared() -> None:
    assert changed_files("there-is-no-such-package", thorough=True) == []


def missing() -> Path:
    raise ModelError("missing-package", "SmolLM2 is not installed.")


@pytest.mark.parametrize(
    ("essential", "status"),
    [
        ((True, True), Status.UNHEALTHY),
        ((True, False), Status.UNHEALTHY),
        ((False, True), Status.UNHEALTHY),
        ((False, False), Status.DEGRADED),
    ],
)
def test_what_something_stands_in_for_degrades(essential: tuple[bool, bool], status: Status) -> None:
    models = [Weights("SmolLM2", missing, essential=each) for each in essential]
    found = check_weights([Weights("Whisper", Path.cwd), *models], thorough=False)
    assert (found.status, found.reason) == (status, "SmolLM2 is not installed. SmolLM2 is not installed.")


def test_files_that_may_not_be_read(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    found = check_weights([weights()], thorough=False)
    assert found.status is Status.UNKNOWN
    assert found.reason == "The files of Some model cannot be read (Permission denied)."


def test_settings_that_ask_for_no_model_here() -> None:
    assert check_weights([], thorough=True).status is Status.HEALTHY


def test_a_file_that_is_gone_is_missed_whatever_else_is_imported(installed: Path) -> None:
    importlib.import_module("keyring")  # brings a finder of its own, which leaves out what is not there
    installed.unlink()
    assert changed_files(PACKAGE, thorough=False) == ["model.gguf"]
