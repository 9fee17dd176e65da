"""`arvis config`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from config.loader import load
from config.settings import Settings
from tests.unit.arvis.cli.conftest import Command


def test_path(arvis: Command, tmp_path: Path) -> None:
    result = arvis("config", "path")
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'home' / 'config.toml'}\n")


def test_path_of_the_file_that_is_named(arvis: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("")
    assert arvis("config", "path", "--config", tmp_path / "mine.toml").stdout == f"{tmp_path / 'mine.toml'}\n"


def test_show_prints_a_settings_file(arvis: Command, tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").write_text("[llm]\nthreads = 3\n")
    result = arvis("config", "show")
    assert result.exit_code == 0
    assert "\n[llm]\n" in result.stdout
    assert "\nthreads = 3  # file\n" in result.stdout
    assert '\nmode = "hold"  # default\n' in result.stdout
    (tmp_path / "copy.toml").write_text(result.stdout)
    copy = load(tmp_path / "copy.toml", {})
    assert (copy.problems, copy.settings) == ((), Settings.of({"llm.threads": 3}))


def test_show_says_where_the_file_would_be(arvis: Command, tmp_path: Path) -> None:
    first = arvis("config", "show").stdout.splitlines()[0]
    assert first == f"# {tmp_path / 'home' / 'config.toml'} (does not exist)"
    assert tomllib.loads(arvis("config", "show").stdout)["tts"]["fallback"] == ["piper", "espeak-ng"]


def test_show_as_json(arvis: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_TTS_SPEED", "1.5")
    monkeypatch.setenv("ARVIS_TTS_VOICES", "x")
    shown = arvis.json("config", "show")
    assert shown["settings"]["tts"] == {
        "engine": "hibari",
        "voice": "",
        "speed": 1.5,
        "fallback": ["piper", "espeak-ng"],
    }
    assert shown["sources"]["tts.speed"] == "environment"
    assert shown["exists"] is False
    assert shown["problems"] == [
        "environment: there is no setting for ARVIS_TTS_VOICES; did you mean ARVIS_TTS_VOICE; it is ignored."
    ]


def test_a_valid_file_is_ok(arvis: Command, tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").write_text("[llm]\nthreads = 3\n")
    result = arvis("config", "validate")
    assert (result.exit_code, result.stdout) == (0, "OK\n")


def test_no_file_is_ok(arvis: Command, tmp_path: Path) -> None:
    result = arvis("config", "validate")
    file = tmp_path / "home" / "config.toml"
    assert (result.exit_code, result.stdout) == (0, f"OK: there is no {file}, so every setting has its default.\n")


def test_each_problem_is_a_line(arvis: Command, tmp_path: Path) -> None:
    file = tmp_path / "home" / "config.toml"
    file.write_text("[llm]\nthread = 3\n\n[talk]\nmode = 'push'\n")
    result = arvis("config", "validate")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{file}, line 2: there is no setting llm.thread; did you mean llm.threads; it is ignored.",
        f'{file}, line 5: talk.mode is "push", but must be one of hold, toggle; the default, "hold", is used.',
    ]


def test_bad_toml_is_a_line(arvis: Command, tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").write_text("[llm\n")
    result = arvis("config", "validate")
    assert result.exit_code == 1
    assert "config.toml, line 1: the file is not valid TOML" in result.stdout
