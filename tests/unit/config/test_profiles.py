"""Profiles lie over the settings file and under the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import profiles
from config.loader import Loaded, load
from config.problem import SettingsError
from config.settings import Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "travel.toml").write_text("[llm]\nthreads = 5\nmax_tokens = 50\n")
    path = tmp_path / "config.toml"
    path.write_text("[llm]\nthreads = 3\ncontext_tokens = 1024\n")
    return path


def told(found: Loaded) -> list[str]:
    return [str(problem) for problem in found.problems]


def test_every_source_wins_over_the_one_before(path: Path) -> None:
    environ = {"ARVIS_LLM_MAX_TOKENS": "60", "ARVIS_LLM_TEMPERATURE": "1", "ARVIS_PROFILE": "travel"}
    found = load(path, environ, overrides={"llm.temperature": "0.5"})
    llm = found.settings.llm
    assert (llm.context_tokens, llm.threads, llm.max_tokens, llm.temperature) == (1024, 5, 60, 0.5)
    names = ("model", "context_tokens", "threads", "max_tokens", "temperature")
    assert [found.sources[f"llm.{name}"] for name in names] == [
        "default",
        "file",
        "profile",
        "environment",
        "command line",
    ]
    assert (found.profile, told(found)) == ("travel", [])


def test_the_command_line_chooses_against_the_environment(path: Path) -> None:
    environ = {"ARVIS_PROFILE": "nothing"}
    assert load(path, environ, profile="travel").settings.llm.threads == 5
    none = load(path, environ, profile="")
    assert (none.settings.llm.threads, none.profile, none.problems) == (3, "", ())


@pytest.mark.parametrize(
    ("environ", "profile", "problem"),
    [
        (
            {"ARVIS_PROFILE": "work"},
            None,
            "environment: there is no profile work; there are travel; no profile is used.",
        ),
        ({}, "work", "command line: there is no profile work; there are travel; no profile is used."),
        (
            {},
            "../config",
            "command line: '../config' cannot be the name of a profile: use up to 64 letters, digits, - and _; "
            "no profile is used.",
        ),
    ],
)
def test_a_profile_that_cannot_be_used_is_told(
    path: Path, environ: dict[str, str], profile: str | None, problem: str
) -> None:
    found = load(path, environ, profile=profile)
    assert told(found) == [problem]
    assert (found.settings.llm.threads, found.profile) == (3, "")


def test_without_profiles_it_says_where_one_would_be(tmp_path: Path) -> None:
    found = load(tmp_path / "config.toml", {}, profile="work")
    assert told(found) == [
        f"command line: there is no profile work; a profile is a file in {tmp_path / 'profiles'}; no profile is used."
    ]


def test_a_wrong_value_in_a_profile_leaves_that_of_the_file(path: Path) -> None:
    profile = path.parent / "profiles" / "travel.toml"
    profile.write_text("[llm]\nthreads = 99\n")
    found = load(path, {}, profile="travel")
    assert (found.settings.llm.threads, found.sources["llm.threads"]) == (3, "file")
    assert told(found) == [
        f"{profile}, line 2: llm.threads is 99, but must be a whole number from 1 to 32; "
        "what the settings file says counts."
    ]


def test_a_broken_profile_leaves_the_file_and_is_careful(path: Path) -> None:
    profile = path.parent / "profiles" / "travel.toml"
    profile.write_text("[llm\n")
    found = load(path, {}, profile="travel")
    assert found.settings == Settings.of(
        {
            "llm.threads": 3,
            "llm.context_tokens": 1024,
            "tts.cache_mb": 0,
            "network.offline": True,
            "security.role": "guest",
            "security.lock_minutes": 5.0,
        }
    )
    assert told(found) == [
        f"{profile}, line 1: the file is not valid TOML (Expected ']' at the end of a table declaration); what the "
        "settings file says counts, but to be on the safe side tts.cache_mb is 0, network.offline is true, "
        'security.role is "guest", security.lock_minutes is 5.0.'
    ]


def test_profiles_are_listed_and_named_safely(path: Path) -> None:
    folder = path.parent / "profiles"
    for name in ("home.toml", "notes.txt", ".hidden.toml", "a b.toml", "x" * 65 + ".toml"):
        (folder / name).touch()
    assert profiles.folder(path) == folder
    assert profiles.names(path) == ("home", "travel")
    assert profiles.path_of(path, "home") == folder / "home.toml"
    for name in ("", ".", "..", "a/b", "a.b", "a\0", "a\n", "x" * 65):
        with pytest.raises(SettingsError, match="cannot be the name of a profile"):
            profiles.path_of(path, name)
    assert profiles.names(Path("a\0b/config.toml")) == ()
