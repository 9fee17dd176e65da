"""`arvis config schema`, `profiles` and `flags`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.flags import flags
from tests.unit.arvis.cli.conftest import Command


def test_the_schema_is_json(arvis: Command) -> None:
    schema = json.loads(arvis("config", "schema").stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["llm"]["properties"]["threads"]["maximum"] == 32


def test_profiles(arvis: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "home" / "profiles"
    assert f"There is no profile in {folder}" in arvis("config", "profiles").stdout
    folder.mkdir()
    for name in ("work", "home"):
        (folder / f"{name}.toml").write_text("")
    monkeypatch.setenv("ARVIS_PROFILE", "work")
    assert arvis("config", "profiles").stdout == "  home\n* work\n"
    assert arvis.json("config", "profiles") == {
        "folder": str(folder),
        "profiles": ["home", "work"],
        "active": "work",
    }


def test_flags(arvis: Command) -> None:
    first = flags()[0]
    state = str(first.default).lower()
    lines = arvis("config", "flags").stdout.splitlines()
    assert lines[0] == (
        f"{first.path} = {state}  # default {state}, owner {first.owner}, to be removed in {first.removal}"
    )
    assert lines[1] == f"    {first.description}"
    assert len(lines) == 2 * len(flags())


def test_flags_as_json_with_what_is_in_force(arvis: Command) -> None:
    first = flags()[0]
    arvis("config", "set", f"{first.path}={str(not first.default).lower()}")
    told = arvis.json("config", "flags")["flags"]
    assert [flag["key"] for flag in told] == [flag.path for flag in flags()]
    assert told[0] == {
        "key": first.path,
        "value": not first.default,
        "default": first.default,
        "owner": first.owner,
        "since": first.since,
        "removal": first.removal,
        "description": first.description,
    }
