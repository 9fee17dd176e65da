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
    tts = shown["settings"]["tts"]
    assert (tts["engine"], tts["speed"], tts["fallback"]) == ("hibari", 1.5, ["piper", "espeak-ng"])
    assert shown["profile"] == ""
    assert "origins" not in shown
    assert shown["sources"]["tts.speed"] == "environment"
    assert shown["exists"] is False
    assert shown["problems"] == [
        "environment: there is no setting for ARVIS_TTS_VOICES; did you mean ARVIS_TTS_VOICE; it is ignored."
    ]


def test_show_says_exactly_where_a_value_comes_from(
    arvis: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "home" / "config.toml"
    file.write_text("\n[llm]\nthreads = 3\n")
    monkeypatch.setenv("ARVIS_TTS_SPEED", "1.5")
    lines = arvis("config", "show", "--origin").stdout.splitlines()
    assert f"threads = 3  # {file}, line 3" in lines
    assert "speed = 1.5  # environment ARVIS_TTS_SPEED" in lines
    assert 'mode = "hold"  # default' in lines
    assert arvis.json("config", "show", "--origin")["origins"]["llm.threads"] == f"{file}, line 3"


def test_get_prints_a_value_for_a_script(arvis: Command, tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").write_text("[llm]\nthreads = 3\n")
    assert arvis("config", "get", "llm.threads").stdout == "3\n"
    assert arvis("config", "get", "talk.mode").stdout == "hold\n"
    assert arvis("config", "get", "talk.barge_in").stdout == "true\n"
    assert arvis("config", "get", "tts.fallback").stdout == '["piper", "espeak-ng"]\n'


def test_get_prints_several_as_toml(arvis: Command) -> None:
    assert arvis("config", "get", "talk.mode", "vad").stdout == 'talk.mode = "hold"\nvad.threshold = 0.5\n'
    assert arvis("config", "get", "vad").stdout == "vad.threshold = 0.5\n"
    assert arvis.json("config", "get", "talk.mode") == {
        "values": {"talk.mode": "hold"},
        "sources": {"talk.mode": "default"},
    }


def test_get_says_what_is_wrong(arvis: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_LLM_THREADS", "many")
    monkeypatch.setenv("ARVIS_PROFILE", "night")
    result = arvis("config", "get", "llm.threads")
    assert (result.exit_code, result.stdout) == (0, "2\n")
    assert "arvis: environment: ARVIS_LLM_THREADS is" in result.stderr
    assert "arvis: environment: there is no profile night" in result.stderr
    assert "ARVIS_LLM_THREADS is" in arvis("config", "get", "llm.threads", "--json").stderr


def test_get_knows_no_other_names_and_no_secrets(arvis: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_LLM_API_KEY", "sk-0123456789abcdef")
    assert arvis.fails("config", "get", "llm.thread") == "there is no setting llm.thread; did you mean llm.threads."
    assert arvis.fails("config", "get", "llm.api_key").startswith("there is no setting llm.api_key; a secret is never")
    assert "0123456789" not in arvis("config", "get", "llm").stdout


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


def test_validate_as_json(arvis: Command, tmp_path: Path) -> None:
    file = tmp_path / "home" / "config.toml"
    assert arvis.json("config", "validate") == {"path": str(file), "problems": []}
    file.write_text("[llm]\nthread = 3\n")
    told = arvis.json("config", "validate", code=1)
    message = f"{file}, line 2: there is no setting llm.thread; did you mean llm.threads; it is ignored."
    assert told["problems"] == [{"place": str(file), "line": 2, "key": "llm.thread", "message": message}]
    assert told["error"] == {"code": "invalid", "message": message}


def test_bad_toml_is_a_line(arvis: Command, tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").write_text("[llm\n")
    result = arvis("config", "validate")
    assert result.exit_code == 1
    assert "config.toml, line 1: the file is not valid TOML" in result.stdout
