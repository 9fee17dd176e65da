"""The command starts with whatever is in the settings file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from arvis.cli.main import app
from tests.unit.config.fuzzing import mutants


def test_the_command_shows_the_settings_of_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    validated = set()
    for data in mutants(100, seed=9):
        (tmp_path / "config.toml").write_bytes(data)
        shown = CliRunner().invoke(app, ["config", "show"], prog_name="arvis")
        assert (shown.exit_code, shown.exception) == (0, None), data[:200]
        checked = CliRunner().invoke(app, ["config", "validate"], prog_name="arvis")
        assert isinstance(checked.exception, SystemExit | None), data[:200]
        assert checked.output
        validated.add(checked.exit_code)
    assert validated == {0, 1}


@pytest.mark.parametrize(
    "data", [b"\x00\xff\xfe", b"[llm\n", b"a = " + b"[" * 100_000, b"[llm]\nthreads = '\xed\xa0\x80'"]
)
def test_a_process_starts_and_prints_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "config.toml").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-m", "arvis", "config", "show"],
        env={"ARVIS_HOME": str(tmp_path), "LC_ALL": "C", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"arvis: {tmp_path}/config.toml")
    assert line.endswith(".")
