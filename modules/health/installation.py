"""Checks of what is installed and how it is set up."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from modules.health.base import CheckResult, Status
from utils.errors import ArvisError

OLDEST_PYTHON = (3, 11)


def check_python(modules: Iterable[str], version: tuple[int, int] = sys.version_info[:2]) -> CheckResult:
    """The interpreter and the packages that nothing works without.

    Args:
        modules: Names of the modules that must be there; none is imported.
        version: That of the interpreter.
    """
    name = "Python"
    if version < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        found = ".".join(map(str, version))
        return CheckResult(name, Status.UNHEALTHY, f"Python {found} is too old.", f"Install Python {oldest} or newer.")
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        return CheckResult(
            name, Status.UNHEALTHY, f"Packages are missing: {', '.join(missing)}.", "Install Arvis again: make setup"
        )
    return CheckResult(name, Status.HEALTHY, f"Python {platform.python_version()}, every package is there.")


def check_weights(models: Mapping[str, Callable[[], object]]) -> CheckResult:
    """The models that are installed as packages.

    Args:
        models: For each model, what finds its files; raises ArvisError when they are missing or not the right ones.
    """
    name = "Models"
    problems: list[str] = []
    for find in models.values():
        try:
            find()
        except ArvisError as error:
            problems.append(error.message)
    if problems:
        return CheckResult(
            name, Status.DEGRADED, " ".join(problems), "Install them, or name models of your own in the settings."
        )
    return CheckResult(name, Status.HEALTHY, f"Installed and complete: {', '.join(models)}.")


def check_settings(path: Path, problems: Sequence[str]) -> CheckResult:
    """The settings file, given what the loader found wrong in it."""
    name = "Settings"
    if problems:
        more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
        return CheckResult(name, Status.DEGRADED, problems[0] + more, "Correct it; `arvis config validate` lists all.")
    state = "is valid" if path.exists() else "does not exist, so every setting has its default"
    return CheckResult(name, Status.HEALTHY, f"{path} {state}.")
