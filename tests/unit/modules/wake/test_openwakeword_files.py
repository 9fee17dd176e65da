from __future__ import annotations

import hashlib
import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from modules.wake import openwakeword_files
from modules.wake.base import WakeError
from modules.wake.openwakeword_files import INSTALL_COMMAND, LICENCE, LICENCE_NOTE, find_files, phrases_of

NAMES = ("melspectrogram.onnx", "embedding_model.onnx", "hey_jarvis_v0.1.onnx")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the models of an installed package whose files are as they should be."""
    models = tmp_path / "openwakeword" / "resources" / "models"
    models.mkdir(parents=True)
    for name in NAMES:
        (models / name).write_bytes(name.encode())
        monkeypatch.setitem(openwakeword_files._CHECKSUMS, name, hashlib.sha256(name.encode()).hexdigest())
    spec = ModuleSpec("openwakeword", None, is_package=True)
    spec.submodule_search_locations = [str(models.parents[1])]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    return models


def test_the_files_of_a_phrase(package: Path) -> None:
    files = find_files("hey_jarvis")
    assert [files.melspectrogram, files.embedding, files.phrase] == [package / name for name in NAMES]


def test_a_model_of_ones_own_needs_the_shared_ones_of_the_package(package: Path, tmp_path: Path) -> None:
    own = tmp_path / "my_word.onnx"
    own.write_bytes(b"whatever")
    assert find_files(str(own)).phrase == own
    (package / "embedding_model.onnx").unlink()
    with pytest.raises(WakeError, match=r"no file embedding_model\.onnx"):
        find_files(str(own))


def test_the_home_folder_is_understood(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my_word.onnx").write_bytes(b"whatever")
    assert find_files("~/my_word.onnx").phrase == tmp_path / "my_word.onnx"


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize("model", ["hey_nobody", "/nowhere/word.onnx", "", "."])
def test_an_unknown_model(model: str) -> None:
    with pytest.raises(WakeError, match="hey_jarvis, alexa") as caught:
        find_files(model)
    assert caught.value.code == "unknown-model"


def test_a_missing_package_is_told_with_its_licence_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(WakeError) as caught:
        find_files("hey_jarvis")
    assert caught.value.code == "model-missing"
    assert LICENCE in caught.value.message
    assert caught.value.message.endswith(INSTALL_COMMAND)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file(package: Path, name: str) -> None:
    (package / name).unlink()
    with pytest.raises(WakeError, match="--force-reinstall") as caught:
        find_files("hey_jarvis")
    assert caught.value.code == "model-missing"
    assert name in caught.value.message


@pytest.mark.parametrize("name", NAMES)
def test_a_file_with_other_bytes(package: Path, name: str) -> None:
    (package / name).write_bytes(b"something else")
    with pytest.raises(WakeError, match="--force-reinstall") as caught:
        find_files("hey_jarvis")
    assert caught.value.code == "model-broken"
    assert name in caught.value.message


@pytest.mark.parametrize(
    ("model", "phrase"),
    [
        ("hey_jarvis", "hey jarvis"),
        ("alexa", "alexa"),
        ("/models/Hey-Computer_v0.1.onnx", "hey computer"),
        ("ok_house.onnx", "ok house"),
        ("~/victor.onnx", "victor"),
        ("___.onnx", "___"),
    ],
)
def test_what_wakes_a_model(model: str, phrase: str) -> None:
    assert phrases_of(model)[0] == phrase


def test_the_licence_says_what_it_asks() -> None:
    assert "CC BY-NC-SA 4.0" in LICENCE_NOTE
    assert "not commercial" in LICENCE_NOTE
    assert "openWakeWord" in LICENCE_NOTE
