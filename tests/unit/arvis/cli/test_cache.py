from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from arvis.cli import cache
from arvis.cli.group import ArvisGroup
from modules.audio.base import AudioChunk
from modules.tts.cache_folder import SpeechFolder
from utils import logging as logs

app = typer.Typer(cls=ArvisGroup)
app.add_typer(cache.app, name="cache")


@app.callback()
def _root() -> None:
    pass


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    monkeypatch.setenv("ARVIS_TTS_CACHE_MB", "5")
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    logs.tear_down()
    assert result.exit_code == 0, result.output
    return result.stdout


def keep(texts: int) -> None:
    folder = SpeechFolder()
    noise = np.random.default_rng(1).uniform(-1, 1, 24_000).astype(np.float32)
    for number in range(texts):
        folder.write(folder.name(str(number)), AudioChunk(noise, 24_000))


def test_how_much_is_kept_is_shown(home: Path) -> None:
    assert run("cache", "show") == f"{home}/cache/speech: 0 texts, 0.0 MB of 5 MB\n"
    keep(3)
    assert run("cache", "show") == f"{home}/cache/speech: 3 texts, 0.1 MB of 5 MB\n"
    document = json.loads(run("cache", "show", "--json"))
    assert document["folder"] == f"{home}/cache/speech"
    assert (document["entries"], document["limit_bytes"]) == (3, 5_000_000)
    assert 100_000 < document["bytes"] < 160_000


def test_all_of_it_goes(home: Path) -> None:
    keep(1)
    assert run("cache", "clear") == "Deleted: 1 text, 0.0 MB\n"
    assert SpeechFolder().usage().entries == 0


def test_a_cache_that_is_off_is_shown_as_off(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_TTS_CACHE_MB", "0")
    assert run("cache", "show").endswith("of 0 MB, switched off\n")
