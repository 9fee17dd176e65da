"""What is said of findings, and when the index is asked. bandit and pip-audit themselves are fakes here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import vulnerabilities

ROOT = Path(__file__).resolve().parents[3]
PIP_AUDIT = """#!/bin/bash
echo "pip-audit $*" >>calls
while [[ $1 != --output ]]; do shift; done
[[ ! -e answer ]] || cp answer "$2"
cat words 2>/dev/null || true
exit 1
"""
CLEAN = {"name": "httpx", "version": "0.28.1", "vulns": []}
UNKNOWN = {"name": "private", "skip_reason": "Dependency not found on PyPI"}
BAD = {
    "name": "jinja2",
    "version": "2.10",
    "vulns": [{"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"], "aliases": ["CVE-2019-10906"]}],
}


class Clone:
    """A clone with a Python, and fakes of the two tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "scripts").mkdir(parents=True)
        (folder / "requirements").mkdir()
        for name in ("audit", "vulnerabilities.py", "__init__.py"):
            shutil.copy(ROOT / "scripts" / name, folder / "scripts")
        for name in ("run", "llama"):
            (folder / "requirements" / f"{name}.lock").write_text(f"{name}==1 --hash=sha256:0\n")
        tools = folder / ".venv" / "bin"
        tools.mkdir(parents=True)
        (tools / "python").symlink_to(sys.executable)
        for name, text in (("bandit", "#!/bin/bash\n[[ ! -e finding ]]\n"), ("pip-audit", PIP_AUDIT)):
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)

    def answer(self, *packages: dict[str, Any]) -> None:
        (self.folder / "answer").write_text(json.dumps({"dependencies": packages}))

    def audit(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "scripts" / "audit"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> int:
        path = self.folder / "calls"
        return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "a clone")


def test_locks_without_a_vulnerability_are_not_looked_up_again_for_a_day(clone: Clone) -> None:
    clone.answer(CLEAN)
    first = clone.audit()
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines() == [
        "audit: no finding in our code",
        "audit: no known vulnerability in 1 locked packages",
    ]
    second = clone.audit()
    assert second.returncode == 0
    assert "looked up 0 minutes ago" in second.stdout
    assert clone.calls == 1
    assert clone.audit(ARVIS_AUDIT_AGAIN="1").returncode == 0
    assert clone.calls == 2


@pytest.mark.parametrize("age", [90_000, -1_000])
def test_after_a_day_they_are(clone: Clone, age: int) -> None:
    clone.answer(CLEAN)
    clone.audit()
    stamp = clone.folder / ".venv" / ".arvis-audited"
    fingerprint, since = stamp.read_text().split()
    stamp.write_text(f"{fingerprint} {int(since) - age}\n")
    clone.audit()
    assert clone.calls == 2


def test_another_lock_is_looked_up_at_once(clone: Clone) -> None:
    clone.answer(CLEAN)
    clone.audit()
    (clone.folder / "requirements" / "llama.lock").write_text("llama==2 --hash=sha256:0\n")
    clone.audit()
    assert clone.calls == 2


def test_a_vulnerability_stops_it_every_time(clone: Clone) -> None:
    clone.answer(CLEAN, BAD)
    for calls in (1, 2):
        result = clone.audit()
        assert result.returncode == 1
        assert "  jinja2 2.10: PYSEC-2019-217, CVE-2019-10906; fixed in 2.10.1" in result.stderr.splitlines()
        assert clone.calls == calls


def test_a_finding_in_our_code_stops_it_before_anything_is_looked_up(clone: Clone) -> None:
    (clone.folder / "finding").touch()
    result = clone.audit()
    assert (result.returncode, result.stdout, clone.calls) == (1, "", 0)


def test_an_index_that_knows_nothing_is_no_clean_bill_and_no_reason_to_stop(clone: Clone) -> None:
    clone.answer(UNKNOWN, UNKNOWN)
    for calls in (1, 2):
        result = clone.audit()
        assert result.returncode == 0
        assert "NOT looked up: the index that pip-audit asks knows nothing about any of them" in result.stdout
        assert "no known vulnerability" not in result.stdout
        assert clone.calls == calls


def test_an_index_that_cannot_be_reached_is_no_clean_bill_either(clone: Clone) -> None:
    (clone.folder / "words").write_text("Traceback\nConnectionError: https://user:password@index/simple: no route\n\n")
    result = clone.audit()
    assert result.returncode == 0
    assert "NOT looked up: pip-audit did not get through (ConnectionError: ... no route)." in result.stdout
    assert "password" not in result.stdout


def test_what_the_index_does_not_know_is_named(clone: Clone) -> None:
    clone.answer(CLEAN, UNKNOWN)
    result = clone.audit()
    assert result.stdout.splitlines()[1:] == [
        "audit: NOT looked up, because the index does not know them: private",
        "audit: no known vulnerability in 1 locked packages",
    ]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"dependencies": 7}'])
def test_a_report_that_is_none_was_not_looked_up(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report").write_text(content)
    assert vulnerabilities.main(str(tmp_path / "report"), str(tmp_path / "log")) == vulnerabilities.NOT_LOOKED_UP
    assert "pip-audit said nothing" in capsys.readouterr().out


def test_one_without_a_fix_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = {"name": "x", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": []}]}
    (tmp_path / "report").write_text(json.dumps({"dependencies": [bad]}))
    assert vulnerabilities.main(str(tmp_path / "report"), "") == vulnerabilities.FOUND
    assert "  x 1: CVE-1; fixed in no version yet" in capsys.readouterr().err
