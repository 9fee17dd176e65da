from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from modules.models import embedded
from modules.models.base import ModelError
from modules.tts.base import SynthesisError
from modules.tts.piper import PiperSynthesizer
from utils.errors import MissingDependencyError


def _voice(folder: Path, configuration: str | None) -> str:
    model = folder / "de_DE-test-low.onnx"
    model.write_bytes(b"not a model")
    if configuration is not None:
        Path(f"{model}.json").write_text(configuration, encoding="utf-8")
    return str(model)


async def _load_error(voice: str) -> SynthesisError:
    with pytest.raises(SynthesisError) as raised:
        await PiperSynthesizer(voice).load()
    return raised.value


async def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "piper", None)
    with pytest.raises(MissingDependencyError, match=r"The Piper voice needs .*'piper'.*arvis\[piper\]"):
        await PiperSynthesizer().load()


async def test_missing_voice_data_are_named_with_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"Joe \(Piper voice\) is not installed.*arvis\[embedded\]"):
        await PiperSynthesizer().load()


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    missing = await _load_error(str(tmp_path / "none.onnx"))
    assert missing.code == "voice-not-found"
    assert "none.onnx" in missing.message
    assert "de_DE-test-low.onnx.json" in (await _load_error(_voice(tmp_path, None))).message


@pytest.mark.parametrize("configuration", ["{", "[]", "\ufffd"])
async def test_a_broken_configuration_is_named(tmp_path: Path, configuration: str) -> None:
    error = await _load_error(_voice(tmp_path, configuration))
    assert error.code == "bad-voice"
    assert "configuration of the Piper voice is broken" in error.message


async def test_a_broken_model_is_an_error_in_words(tmp_path: Path) -> None:
    error = await _load_error(_voice(tmp_path, json.dumps({})))
    assert error.code == "load-failed"
    assert error.message.startswith("The voice engine 'piper' cannot be loaded: ")


def test_the_voice_is_named_as_its_file() -> None:
    assert PiperSynthesizer("/voices/de_DE-test-low.onnx").capabilities.voices == ("de_DE-test-low",)
    assert PiperSynthesizer().capabilities.voices == ("en_US-joe-medium",)
