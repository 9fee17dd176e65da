"""Checks of what is installed and how it is set up."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from modules.health.base import Finding, Status

OLDEST_PYTHON = (3, 11)


def check_python(modules: Iterable[str], version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """The interpreter and the packages that nothing works without.

    Args:
        modules: Names of the modules that must be there; none is imported.
        version: That of the interpreter.
    """
    if version < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        found = ".".join(map(str, version))
        return Finding(Status.UNHEALTHY, f"Python {found} is too old.", f"Install Python {oldest} or newer.")
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        return Finding(
            Status.UNHEALTHY, f"Packages are missing: {', '.join(missing)}.", "Install Arvis again: make setup"
        )
    return Finding(Status.HEALTHY, f"Python {platform.python_version()}, every package is there.")


def check_settings(path: Path, problems: Sequence[str]) -> Finding:
    """The settings file, given what the loader found wrong in it."""
    if problems:
        more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
        return Finding(Status.DEGRADED, problems[0] + more, "Correct it; `arvis config validate` lists all.")
    state = "is valid" if path.exists() else "does not exist, so every setting has its default"
    return Finding(Status.HEALTHY, f"{path} {state}.")
