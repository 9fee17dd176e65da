"""`arvis logs`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.arvis.cli.conftest import Command


def line(event: str, level: str = "info", turn: int | None = None, error: str = "", trace: str = "") -> str:
    made = {"time": "2025-06-01T12:00:00.000+00:00", "level": level, "logger": "modules.turn", "event": event}
    made |= {"trace": trace} if trace else {}
    return json.dumps(made | ({"turn": turn} if turn else {}) | ({"error": error} if error else {}))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "log"
    folder.mkdir(parents=True)
    (folder / "arvis.log.1").write_text(line("oldest") + "\n" + line("older", "debug") + "\n")
    lines = [line("one", turn=1), "not json", line("two", "error", 2, "Traceback\n  here"), line("three", "warning")]
    (folder / "arvis.log").write_text("\n".join(lines) + "\n" + '{"event":"to')
    return folder / "arvis.log"


def test_the_last_lines_are_for_people(arvis: Command, log: Path) -> None:
    assert arvis("logs", "-n", "3").stdout.splitlines() == [
        "2025-06-01T12:00:00.000+00:00 info     modules.turn turn 1: one",
        "2025-06-01T12:00:00.000+00:00 error    modules.turn turn 2: two",
        "    Traceback",
        "      here",
        "2025-06-01T12:00:00.000+00:00 warning  modules.turn: three",
    ]


def events(arvis: Command, *arguments: str) -> list[str]:
    return [found["event"] for found in arvis.json("logs", *arguments)["lines"]]


def test_lines_are_chosen(arvis: Command, log: Path) -> None:
    assert events(arvis) == ["oldest", "older", "one", "two", "three"]
    assert events(arvis, "--level", "warning") == ["two", "three"]
    assert events(arvis, "--turn", "2") == ["two"]
    assert events(arvis, "--lines", "1") == ["three"]


def test_of_turns_with_the_same_number_the_latest_is_meant(arvis: Command, log: Path) -> None:
    lines = [line(trace, turn=1, trace=trace[0] * 32) for trace in ("a-first", "a-second", "b-first", "b-second")]
    log.write_text("\n".join([lines[0], lines[1], line("none"), lines[2], line("other", turn=2), lines[3]]) + "\n")
    assert events(arvis, "--turn", "1") == ["b-first", "b-second"]
    result = arvis("logs", "--turn", "1", "-n", "1")
    assert result.stderr == f"arvis: The latest turn 1, with the trace {'b' * 32}.\n"
    assert result.stdout.endswith("turn 1: b-second\n")
    assert arvis("logs", "--turn", "7").output == ""


def test_where_it_is(arvis: Command, log: Path) -> None:
    assert arvis("logs", "--path").stdout == f"{log}\n"
    assert arvis.json("logs", "--path")["path"] == str(log)


def test_without_a_log_nothing_is_printed(arvis: Command) -> None:
    assert arvis("logs").stdout == ""
    assert events(arvis) == []
