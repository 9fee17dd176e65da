"""Starts the window toolkit in a process of its own: to see whether it can, and what it needs.

A toolkit that finds no screen ends its process, and once loaded it stays in memory: neither may happen to the command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from modules.health.desktop import ScreenProbe
from utils.paths import HOME_VARIABLE

SECONDS = 12.0

_SCREEN = """
import json
from PyQt6.QtWidgets import QApplication, QSystemTrayIcon
app = QApplication(["arvis"])
print(json.dumps({"platform": app.platformName(), "tray": QSystemTrayIcon.isSystemTrayAvailable()}))
"""

# The session is built when the window has been drawn, just before engines are loaded: that is the moment to measure.
_WINDOW = """
import json, os, psutil
from arvis.ui.launch import run_window
from config.loader import load

def measure(listener):
    print(json.dumps({"resident": psutil.Process().memory_info().rss}), flush=True)
    os._exit(0)

run_window(load(), measure)
"""


def probe_screen() -> ScreenProbe:
    """Start the toolkit on the user's screen."""
    answer, error = _ask(_SCREEN, {})
    return ScreenProbe("", error=error) if answer is None else ScreenProbe(answer["platform"], answer["tray"])


def measure_window() -> int | None:
    """Resident bytes of the window's process before any engine loads, without a screen; None where it fails.

    It has a home of its own: nobody has started Arvis, so no log and no record may say so.
    """
    with tempfile.TemporaryDirectory(prefix="arvis-", ignore_cleanup_errors=True) as home:
        answer, _ = _ask(_WINDOW, {"QT_QPA_PLATFORM": "offscreen", HOME_VARIABLE: home})
    return None if answer is None else int(answer["resident"])


def _ask(program: str, environ: dict[str, str]) -> tuple[dict[str, Any] | None, str]:
    """Run a Python program in a new process; returns what it printed as JSON, or why there is nothing."""
    inherited = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environ
    try:
        done = subprocess.run(  # nosec B603  # this Python, with a program that stands in this file
            [sys.executable, "-c", program],
            env=inherited,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"it does not start ({type(error).__name__})."
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        if not lines:
            return None, f"it ended with code {done.returncode}."
        # Python says last what the matter is; Qt, which ends the process by a signal, says it first.
        return None, lines[-1] if done.returncode > 0 else lines[0]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer, ""
