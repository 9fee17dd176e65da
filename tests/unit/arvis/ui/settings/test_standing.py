from __future__ import annotations

from pathlib import Path

from arvis.ui.settings.standing import standing, standings
from config.loader import Loaded, load
from config.schema import keys


def read(file: Path, text: str, **asked: object) -> Loaded:
    file.write_text(f"version = 2\n{text}")
    environ = asked.pop("environ", {})
    return load(file, environ, **asked)  # type: ignore[arg-type]


def test_a_default_can_be_changed_and_has_nothing_to_reset(file: Path) -> None:
    there = standing(load(file, {}), "llm.threads")
    assert (there.value, there.source, there.fixed, there.in_file, there.trouble) == (2, "Default", "", False, "")


def test_what_the_file_sets_is_shown_with_its_line(file: Path) -> None:
    there = standing(read(file, "[llm]\nthreads = 3\n"), "llm.threads")
    assert (there.value, there.source, there.in_file) == (3, "Set in config.toml, line 3", True)
    assert there.place == f"{file}, line 3"


def test_what_wins_over_the_file_cannot_be_changed_here(file: Path) -> None:
    text = "[llm]\nthreads = 3\n"
    there = standing(read(file, text, environ={"ARVIS_LLM_THREADS": "4"}), "llm.threads")
    assert (there.value, there.source) == (4, "Set by environment ARVIS_LLM_THREADS")
    assert "change the variable ARVIS_LLM_THREADS" in there.fixed
    there = standing(read(file, text, overrides={"llm.threads": "5"}), "llm.threads")
    assert (there.value, there.source) == (5, "Set by the command line")
    assert there.fixed
    profile = file.parent / "profiles" / "work.toml"
    profile.parent.mkdir()
    profile.write_text("version = 2\n[llm]\nthreads = 6\n")
    there = standing(read(file, text, profile="work"), "llm.threads")
    assert (there.value, there.source) == (6, "Set in work.toml, line 3")
    assert "the profile work sets it" in there.fixed


def test_half_of_the_quiet_hours_is_shown_although_it_does_not_count_yet(file: Path) -> None:
    loaded = read(file, '[notifications]\nquiet_from = "22:00"\n')
    there = standing(loaded, "notifications.quiet_from")
    assert loaded.settings.notifications.quiet_from == ""
    assert there.value == "22:00"
    assert there.in_file
    assert there.source == "Set in config.toml, line 3, and does not count"
    assert "is set without notifications.quiet_to" in there.trouble


def test_a_value_that_is_not_allowed_is_said_and_can_be_reset(file: Path) -> None:
    there = standing(read(file, "[llm]\ntemperature = 99\n"), "llm.temperature")
    assert there.value == 0.0
    assert there.in_file
    assert "llm.temperature is 99, but must be a number from 0 to 2" in there.trouble
    wrong = read(file, "", environ={"ARVIS_LLM_THREADS": "many"})
    there = standing(wrong, "llm.threads")
    assert "ARVIS_LLM_THREADS" in there.trouble
    assert not there.in_file


def test_there_is_one_for_every_setting(file: Path) -> None:
    assert standings(load(file, {})).keys() == keys().keys()
