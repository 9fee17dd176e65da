"""`arvis history`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from arvis.cli.main import app
from modules.history.base import FILE_NAME, Selection, SessionRecord, SoundKind
from modules.history.exporting import local_time
from modules.history.opening import open_history
from modules.history.store import HistoryStore
from tests.unit.arvis.cli.conftest import Command
from tests.unit.modules.history.keeping import NOW, turn

CAKE = SessionRecord(id="aaaa1111" * 4, started=NOW)
TRAIN = SessionRecord(id="aaaa2222" * 4, started=NOW + 86_400)


@pytest.fixture
def history(arvis: Command, tmp_path: Path) -> Iterator[HistoryStore]:
    store = open_history(tmp_path / "home" / "data" / FILE_NAME)
    first = store.save(CAKE, [turn(CAKE, 1, "A cake,\nplease.", "With \x1b[31m cherries?"), turn(CAKE, 2, "No.", "")])
    store.save(TRAIN, [turn(TRAIN, 1, "When does it leave?", "At", interrupted=True)])
    store.rename(TRAIN, "Train")
    store.keep_sound(first[1].id or 0, SoundKind.SAID, b"RIFF", 1.0)
    yield store
    store.close()


def count(history: HistoryStore) -> int:
    return history.count(Selection(everything=True))


def test_conversations_are_listed(arvis: Command, history: HistoryStore) -> None:
    assert arvis("history", "list").stdout.splitlines() == [
        f"aaaa1111  {local_time(NOW + 120)}    2 turns  A cake, please.",
        f"aaaa2222  {local_time(NOW + 86_460)}     1 turn  Train",
    ]
    assert len(arvis("history", "list", "--limit", "1").stdout.splitlines()) == 1
    (first, second) = arvis.json("history", "list")["sessions"]
    assert (first["id"], first["turns"], first["opening"]) == (CAKE.id, 2, "A cake,\nplease.")
    assert second["title"] == "Train"


def test_without_conversations_that_is_said(arvis: Command) -> None:
    assert arvis("history", "list").stdout == "There are no conversations.\n"
    assert arvis("history", "search", "x").stdout == "Nothing was found.\n"
    assert arvis("history", "erase", "--all").stdout == "Erased: 0\n"


def test_words_are_found(arvis: Command, history: HistoryStore) -> None:
    assert arvis("history", "search", "CAKE", "pl").stdout.splitlines() == [
        f"aaaa1111       1  {local_time(NOW + 60)}  A cake, please."
    ]
    assert arvis("history", "search", "cake", "--since", "2026-01-01").stdout == "Nothing was found.\n"
    (hit,) = arvis.json("history", "search", '"cherr')["hits"]
    assert (hit["session"], hit["snippet"], hit["marks"]) == (CAKE.id, "With \x1b[31m cherries?", [[11, 19]])


def test_a_conversation_is_shown(arvis: Command, history: HistoryStore) -> None:
    assert arvis("history", "show", "aaaa1").stdout.splitlines() == [
        f"{CAKE.id}  {local_time(NOW)}", "",
        f"[1] {local_time(NOW + 60)}", "  You:   A cake,", "         please.", "  Arvis: With  [31m cherries?", "",
        f"[2] {local_time(NOW + 120)}", "  You:   No.",
    ]  # fmt: skip
    assert arvis("history", "show", "aaaa2").stdout.splitlines()[-1] == "  Arvis: At [interrupted]"
    shown = arvis.json("history", "show", TRAIN.id)
    assert (shown["id"], len(shown["turns"]), shown["turns"][0]["interrupted"]) == (TRAIN.id, 1, True)


@pytest.mark.parametrize("id_", ["b", "%", "aaaa_", "x\ny"])
def test_one_that_there_is_not_is_told(arvis: Command, history: HistoryStore, id_: str) -> None:
    name = id_.replace("\n", " ")
    assert arvis.fails("history", "show", id_) == (
        f"There is no conversation '{name}'. `arvis history list` shows which there are."
    )


def test_a_beginning_that_means_several_is_told(arvis: Command, history: HistoryStore) -> None:
    assert arvis.fails("history", "show", "aaaa") == "'aaaa' means 2 conversations. Write more of the ID."
    assert arvis.json("history", "erase", "--session", "aaaa", "--yes", code=1)["error"]["code"] == "several-sessions"
    assert count(history) == 3


def test_everything_is_exported_or_a_part(arvis: Command, history: HistoryStore, tmp_path: Path) -> None:
    document = json.loads(arvis("history", "export").stdout)
    assert [session["id"] for session in document["sessions"]] == [CAKE.id, TRAIN.id]
    out = tmp_path / "out" / "history.md"
    result = arvis("history", "export", "--format", "markdown", "--session", "aaaa2", "--out", out)
    assert (result.stdout, result.stderr) == ("", f"Saved {out}\n")
    assert out.read_text().splitlines()[0] == f"## {local_time(TRAIN.started)} — Train"
    day = json.loads(arvis("history", "export", "--until", "2025-06-16T00:00Z").stdout)
    assert [session["id"] for session in day["sessions"]] == [CAKE.id]


def test_recordings_are_exported(arvis: Command, history: HistoryStore, tmp_path: Path) -> None:
    result = arvis("history", "export", "--sounds", tmp_path / "sounds")
    assert result.stderr == "Recordings: 1\n"
    (name,) = [sound["file"] for sound in json.loads(result.stdout)["sessions"][0]["turns"][0]["sounds"]]
    assert (tmp_path / "sounds" / name).read_bytes() == b"RIFF"


def test_erasing_asks(arvis: Command, history: HistoryStore) -> None:
    refused = CliRunner().invoke(app, ["history", "erase", "--session", "aaaa1"], input="n\n", prog_name="arvis")
    assert refused.exit_code == 1
    assert "Erase 2 turns for good?" in refused.stderr
    assert count(history) == 3
    agreed = CliRunner().invoke(app, ["history", "erase", "--session", "aaaa1"], input="y\n", prog_name="arvis")
    assert agreed.stdout.splitlines()[-1] == "Erased: 2"
    assert count(history) == 1


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["--turn", "2"], 2),
        (["--turn", "2", "--turn", "3", "--turn", "99"], 1),
        (["--turn", "2", "--session", "aaaa2"], 3),
        (["--since", "2025-06-16T00:00Z"], 2),
        (["--until", "2025-06-16T00:00Z", "--session", "aaaa1"], 1),
        (["--last", "30d"], 3),
        (["--all"], 0),
    ],
)
def test_what_is_meant_is_erased(arvis: Command, history: HistoryStore, arguments: list[str], left: int) -> None:
    assert arvis.json("history", "erase", "--yes", *arguments) == {"erased": 3 - left}
    assert count(history) == left


@pytest.mark.parametrize("arguments", [[], ["--yes"], ["--all", "--turn", "1"]])
def test_erasing_wants_to_know_what(arvis: Command, history: HistoryStore, arguments: list[str]) -> None:
    assert "say which turns" in arvis.misused("history", "erase", *arguments)
    assert count(history) == 3


def test_a_span_that_means_nothing_is_told(arvis: Command, history: HistoryStore) -> None:
    assert "is no span of time" in arvis.fails("history", "erase", "--last", "yesterday", "--yes")
    assert count(history) == 3


def test_a_server_is_used_where_the_settings_name_one(arvis: Command) -> None:
    said = arvis.fails("history", "list", "--set", "history.url=postgresql://a@127.0.0.1:1/x")
    assert "cannot be reached" in said
