"""`arvis audit`, with the command's own application until it is a part of the whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from arvis.cli import audit
from arvis.cli.group import ArvisGroup
from modules.security.audit import AuditLog
from tests.unit.modules.security.audit_folder import Tampered

app = typer.Typer(cls=ArvisGroup)
app.add_typer(audit.app, name="audit")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    return tmp_path / "data" / "audit"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["audit", *arguments])


def document(*arguments: str, code: int = 0) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == code
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def end(folder: Path) -> str:
    head = json.loads((folder / "head.json").read_bytes())
    return f"{head['count']}:{head['hash']}"


def test_a_genuine_log(folder: Path) -> None:
    Tampered(folder, 5)
    result = run("verify")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "OK: 5 records from 2026-01-01T00:00:00.000000Z to 2026-01-01T00:00:04.000000Z are as they were written.",
        f"The end is {end(folder)}",
    ]
    found = document("verify")
    assert (found["genuine"], found["records"], found["findings"]) == (True, 5, [])
    assert found["folder"] == str(folder)


def test_a_changed_log(folder: Path) -> None:
    log = Tampered(folder, 5)
    log.edit(2, lambda record: record["fields"].update(number=7))
    result = run("verify")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == [
        "audit-000001.jsonl, line 3: Record 3 was changed after it had been written.",
        "The audit log is not as it was written: 1 finding in 5 records from 2026-01-01T00:00:00.000000Z "
        "to 2026-01-01T00:00:04.000000Z.",
    ]
    found = document("verify", code=1)
    assert found["error"]["code"] == "not-genuine"
    assert [finding["fault"] for finding in found["findings"]] == ["changed"]


def test_many_findings_are_counted(folder: Path) -> None:
    log = Tampered(folder, 5)
    log.replace([b"rubbish\n"] * 30)
    lines = run("verify").stdout.splitlines()
    assert len(lines) == 22
    assert lines[20] == "... and 11 more"


def test_a_log_of_which_nothing_is_left(folder: Path) -> None:
    Tampered(folder, 5)
    (folder / "audit-000001.jsonl").write_bytes(b"")
    result = run("verify")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "the end: The log ends with record 0, but had 5.",
        "The audit log is not as it was written: 1 finding, and no record can be read.",
    ]
    assert document("verify", code=1)["records"] == 0


def test_something_else_in_the_place_of_the_log(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    for make in (lambda: folder.write_text("a file"), lambda: folder.symlink_to("nowhere")):
        make()
        result = run("verify")
        assert result.exit_code == 1
        assert result.stdout.splitlines()[0].startswith(f"{folder}: This is not a folder")
        assert document("verify", code=1)["findings"][0]["fault"] == "missing"
        folder.unlink()


def test_no_log_yet(folder: Path) -> None:
    assert run("verify").stdout == "There is no audit log yet.\n"
    assert run("show").stdout == "There are no records.\n"
    assert not folder.exists()


def test_an_end_that_was_noted(folder: Path) -> None:
    log = Tampered(folder, 5)
    noted = end(folder)
    log.log.record("stopped")
    assert run("verify", "--anchor", noted).exit_code == 0
    assert run("verify", "--anchor", f"4:{noted[2:]}").exit_code == 1


@pytest.mark.parametrize("anchor", ["5", "5:abc", "x:" + "0" * 64, "²:" + "0" * 64, ":" + "0" * 64])
def test_an_anchor_that_is_none(anchor: str) -> None:
    result = run("verify", "--anchor", anchor)
    assert result.exit_code == 1
    assert "Copy it from an earlier 'arvis audit verify'" in result.stderr


def test_the_newest_records(folder: Path) -> None:
    Tampered(folder, 5).log.record("locked", reason="idle", role="guest")
    lines = run("show", "--last", "2").stdout.splitlines()
    assert lines == [
        "     5  2026-01-01T00:00:04.000000Z  started  number=5",
        '     6  2026-01-01T00:00:05.000000Z  locked  reason="idle" role="guest"',
    ]
    assert [record["n"] for record in document("show", "--last", "2")["records"]] == [5, 6]
    assert [record["event"] for record in document("show", "--event", "locked")["records"]] == ["locked"]


def test_what_a_terminal_would_obey_is_not_printed(folder: Path) -> None:
    AuditLog(folder, time=lambda: "\x1b[2J").record("started", name="\x1b]0;title\x07")
    for command in ("show", "verify"):
        assert "\x1b" not in run(command).stdout
