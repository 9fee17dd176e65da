"""What `make run` starts with a screen and without."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose `arvis` prints its arguments and fails like a turn that was not answered."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "run", tmp_path / "scripts")
    arvis = tmp_path / ".venv" / "bin" / "arvis"
    arvis.parent.mkdir(parents=True)
    arvis.write_text('#!/bin/bash\necho "arvis<$*>"\nexit 3\n')
    arvis.chmod(0o755)
    return tmp_path


def run(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(clone / "scripts" / "run"), "assets/a.flac", "out.wav"]
    path = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(command, env=path | environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("screen", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_with_a_screen_the_window(clone: Path, screen: str) -> None:
    result = run(clone, **{screen: ":0"})
    assert result.stdout == "arvis<>\n"
    assert result.returncode == 3


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": "", "WAYLAND_DISPLAY": ""}])
def test_without_a_screen_a_spoken_turn(clone: Path, environment: dict[str, str]) -> None:
    result = run(clone, **environment)
    assert result.stdout.splitlines()[-1] == "arvis<ask --audio assets/a.flac --realtime --save out.wav>"
    assert result.returncode == 3
