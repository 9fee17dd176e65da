"""Settings that contradict each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.loader import load

FROM, TO = "notifications.quiet_from", "notifications.quiet_to"


@pytest.mark.parametrize(
    ("overrides", "wrong"),
    [
        ({FROM: "22:00"}, f"{FROM} is set without {TO}"),
        ({TO: "07:00"}, f"{TO} is set without {FROM}"),
        ({FROM: "22:00", TO: "22:00"}, f"{FROM} and {TO} are the same"),
    ],
)
def test_half_of_the_quiet_hours_is_told_and_there_are_none(overrides: dict[str, str], wrong: str) -> None:
    loaded = load(Path("none"), {}, overrides=overrides)
    assert [(problem.place, problem.line, problem.wrong) for problem in loaded.problems] == [
        ("command line", None, wrong)
    ]
    assert (loaded.settings.get(FROM), loaded.settings.get(TO)) == ("", "")
    assert {loaded.sources[FROM], loaded.sources[TO]} == {"default"}


def test_two_halves_from_two_places_make_quiet_hours(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[notifications]\nquiet_from = "22:00"\n')
    loaded = load(path, {"ARVIS_NOTIFICATIONS_QUIET_TO": "07:00"})
    assert (loaded.settings.get(FROM), loaded.settings.get(TO), loaded.problems) == ("22:00", "07:00", ())


def test_the_problem_names_the_line_of_the_profile(tmp_path: Path) -> None:
    profile = tmp_path / "profiles" / "night.toml"
    profile.parent.mkdir()
    profile.write_text('\n[notifications]\nquiet_to = "07:00"\n')
    (problem,) = load(tmp_path / "config.toml", {}, profile="night").problems
    assert problem.where == f"{profile}, line 3"
