"""Interpreter, packages and settings file."""

from __future__ import annotations

from pathlib import Path

from modules.health.base import Status
from modules.health.installation import check_python, check_settings


def test_everything_is_there() -> None:
    found = check_python(["json", "numpy"])
    assert found.status is Status.HEALTHY
    assert found.reason.startswith("Python 3.")


def test_missing_packages_are_named() -> None:
    found = check_python(["json", "no_such_package", "nor_this"])
    assert found.status is Status.UNHEALTHY
    assert found.reason == "Packages are missing: no_such_package, nor_this."
    assert found.remedy


def test_an_old_interpreter_is_refused() -> None:
    found = check_python([], version=(3, 10))
    assert (found.status, found.reason) == (Status.UNHEALTHY, "Python 3.10 is too old.")
    assert found.remedy == "Install Python 3.11 or newer."


def test_valid_settings(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    assert check_settings(file, []).reason == f"{file} does not exist, so every setting has its default."
    file.write_text("")
    found = check_settings(file, [])
    assert (found.status, found.reason) == (Status.HEALTHY, f"{file} is valid.")


def test_wrong_settings_degrade(tmp_path: Path) -> None:
    assert check_settings(tmp_path, ["Line 3 is wrong."]).reason == "Line 3 is wrong."
    found = check_settings(tmp_path, ["Line 3 is wrong.", "So is 4.", "So is 5."])
    assert (found.status, found.reason) == (Status.DEGRADED, "Line 3 is wrong. And 2 more.")
    assert "arvis config validate" in found.remedy
