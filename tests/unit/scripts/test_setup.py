"""Set-up finds again what it did, and says what it needs. Doing it is tested by every run on a fresh machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
UV = """#!/bin/bash
echo "uv $*" >>calls
if [[ $1 == venv ]]; then mkdir -p .venv/bin; ln -s "$(command -v {python})" .venv/bin/python; fi
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with the installer there already, as a fake that only writes down what it is asked."""
    clone = tmp_path / "a clone"
    shutil.copytree(ROOT / "scripts", clone / "scripts")
    shutil.copytree(ROOT / "requirements", clone / "requirements")
    shutil.copy(ROOT / "pyproject.toml", clone)
    (clone / "scripts" / "system-packages").write_text('#!/bin/bash\necho "system $*" >>calls\n')
    installer = clone / ".uv" / "bin"
    installer.mkdir(parents=True)
    shutil.copy(clone / "requirements" / "uv.lock", clone / ".uv")
    (installer / "uv").write_text(UV.replace("{python}", sys.executable))
    (installer / "uv").chmod(0o755)
    python = installer / "python"
    python.write_text('#!/bin/bash\n[[ "$*" != *build_llama* ]] || echo /wheels/llama.whl\n')
    python.chmod(0o755)
    return clone


def set_up(clone: Path, kind: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / "scripts" / "setup", kind],
        env={**os.environ, "ARVIS_PYTHON": sys.executable, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def calls(clone: Path) -> list[str]:
    """What was called since the last time, one line a call."""
    path = clone / "calls"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def test_installs_exactly_what_is_locked(clone: Path) -> None:
    result = set_up(clone, "run")
    assert result.returncode == 0, result.stderr
    system, venv, sync, llama, arvis = calls(clone)
    assert system.startswith("system g++ ")
    assert "xvfb" not in system
    assert venv.startswith("uv venv ")
    assert "--require-hashes" in sync
    assert sync.endswith(" requirements/run.lock")
    assert llama.endswith(" /wheels/llama.whl")
    assert arvis.endswith(" --editable .")


def test_the_second_time_checks_only(clone: Path) -> None:
    set_up(clone, "run")
    calls(clone)
    result = set_up(clone, "run")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    (system,) = calls(clone)
    assert system.startswith("system ")


def test_what_serves_the_tests_serves_the_program(clone: Path) -> None:
    set_up(clone, "test")
    system, _, sync, *_ = calls(clone)
    assert " xvfb " in system
    assert sync.endswith(" requirements/dev.lock")
    set_up(clone, "run")
    assert len(calls(clone)) == 1


def test_what_serves_the_program_does_not_serve_the_tests(clone: Path) -> None:
    set_up(clone, "run")
    calls(clone)
    set_up(clone, "test")
    assert any(call.endswith("requirements/dev.lock") for call in calls(clone))


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements/run.lock"])
def test_a_changed_lock_is_installed(clone: Path, changed: str) -> None:
    set_up(clone, "run")
    calls(clone)
    with (clone / changed).open("a") as file:
        file.write("# changed\n")
    set_up(clone, "run")
    later = calls(clone)
    assert any("sync" in call for call in later)
    assert not any("venv --quiet" in call for call in later)


def test_a_moved_clone_is_set_up_anew(clone: Path) -> None:
    set_up(clone, "run")
    calls(clone)
    moved = clone.rename(clone.with_name("moved"))
    set_up(moved, "run")
    assert any("--editable" in call for call in calls(moved))


def test_an_interrupted_set_up_is_taken_up_again(clone: Path) -> None:
    installer = clone / ".uv" / "bin" / "uv"
    whole = installer.read_text()
    installer.write_text(whole + '[[ "$*" != *sync* ]] || exit 2\n')
    assert set_up(clone, "run").returncode != 0
    installer.write_text(whole)
    calls(clone)
    assert set_up(clone, "run").returncode == 0
    assert any("sync" in call for call in calls(clone))


def test_no_python_that_fits(clone: Path) -> None:
    result = set_up(clone, "run", ARVIS_PYTHON="false")
    assert result.returncode == 1
    assert "Arvis needs Python 3.11" in result.stderr
    assert calls(clone) == []
