"""Every value can say where it comes from."""

from __future__ import annotations

from pathlib import Path

from config.loader import load
from config.origin import origin


def test_each_source_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[llm]\nthreads = 4\n\n[talk]\ndebounce = 0.6\n")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "work.toml").write_text("tts.speed = 1.5\n")
    loaded = load(path, {"ARVIS_UI_THEME": "dark"}, profile="work", overrides={"llm.max_tokens": "50"})
    assert {
        name: origin(loaded, name)
        for name in ("llm.threads", "talk.debounce_seconds", "tts.speed", "ui.theme", "llm.max_tokens", "tts.voice")
    } == {
        "llm.threads": f"{path}, line 2",
        "talk.debounce_seconds": f"{path}, line 5",
        "tts.speed": f"{tmp_path / 'profiles' / 'work.toml'}, line 1",
        "ui.theme": "environment ARVIS_UI_THEME",
        "llm.max_tokens": "command line",
        "tts.voice": "default",
    }


def test_what_a_broken_file_makes_careful_has_no_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[llm")
    assert origin(load(path, {}), "network.offline") == str(path)
