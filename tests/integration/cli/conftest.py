"""The command as a process of its own, with a home of its own and no screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Arvis = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all tests, because the first one puts the parts of the speech model together there."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """An environment without settings and without a screen."""
    screen = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ARVIS_") and name not in screen}
    return kept | {"ARVIS_HOME": str(home)}


@pytest.fixture
def arvis(environ: dict[str, str]) -> Arvis:
    """Runs the command to its end."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "arvis", *map(str, arguments)]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    return run


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one object that must be all of standard output."""
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found
