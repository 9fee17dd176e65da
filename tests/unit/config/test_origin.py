"""Every value can say where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.loader import load
from config.origin import origin, unchosen


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


OFFLINE = "network.offline"


@pytest.mark.parametrize(
    ("text", "environ", "told"),
    [
        ("[llm\n", {}, "{file}, line 1: the file is not valid TOML"),
        ("[network]\noffline = 'maybe'\n", {}, '{file}, line 2: network.offline is "maybe", but must be'),
        ("", {"ARVIS_NETWORK_OFFLINE": "maybe"}, 'environment: ARVIS_NETWORK_OFFLINE is "maybe"'),
    ],
)
def test_what_nobody_chose_has_a_reason(tmp_path: Path, text: str, environ: dict[str, str], told: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    loaded = load(file, environ)
    assert loaded.settings.network.offline
    reason = unchosen(loaded, OFFLINE)
    assert reason.startswith(told.format(file=file))
    assert "to be on the safe side" not in reason
    assert unchosen(loaded, "llm.threads") == ""


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        ("", {}),
        ("[network]\noffline = true\n", {}),
        ("[network]\noffline = true\n[llm]\nthreads = 99\n", {}),
        ("[llm\n", {"ARVIS_NETWORK_OFFLINE": "true"}),
        ("[llm\n", {"ARVIS_NETWORK_OFFLINE": "false"}),
    ],
)
def test_what_somebody_chose_needs_none(tmp_path: Path, text: str, environ: dict[str, str]) -> None:
    (tmp_path / "config.toml").write_text(text)
    assert unchosen(load(tmp_path / "config.toml", environ), OFFLINE) == ""


def test_a_broken_profile_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "work.toml").write_text("[llm\n")
    loaded = load(tmp_path / "config.toml", {}, profile="work")
    assert "work.toml, line 1: the file is not valid TOML" in unchosen(loaded, OFFLINE)
