"""Interpreter, packages and settings file."""

from __future__ import annotations

from pathlib import Path

from modules.health.base import Status
from modules.health.installation import check_python, check_settings, check_weights
from utils.errors import ArvisError


def test_everything_is_there() -> None:
    found = check_python(["json", "numpy"])
    assert found.status is Status.HEALTHY
    assert found.summary.startswith("Python 3.")


def test_missing_packages_are_named() -> None:
    found = check_python(["json", "no_such_package", "nor_this"])
    assert found.status is Status.UNHEALTHY
    assert found.summary == "Packages are missing: no_such_package, nor_this."
    assert found.advice


def test_an_old_interpreter_is_refused() -> None:
    found = check_python([], version=(3, 10))
    assert (found.status, found.summary) == (Status.UNHEALTHY, "Python 3.10 is too old.")
    assert found.advice == "Install Python 3.11 or newer."


def test_valid_settings(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    assert check_settings(file, []).summary == f"{file} does not exist, so every setting has its default."
    file.write_text("")
    found = check_settings(file, [])
    assert (found.status, found.summary) == (Status.HEALTHY, f"{file} is valid.")


def test_wrong_settings_degrade(tmp_path: Path) -> None:
    assert check_settings(tmp_path, ["Line 3 is wrong."]).summary == "Line 3 is wrong."
    found = check_settings(tmp_path, ["Line 3 is wrong.", "So is 4.", "So is 5."])
    assert (found.status, found.summary) == (Status.DEGRADED, "Line 3 is wrong. And 2 more.")
    assert "arvis config validate" in found.advice


def test_models_that_are_there() -> None:
    found = check_weights({"Whisper base": Path.cwd, "SmolLM2": Path.cwd})
    assert (found.status, found.summary) == (Status.HEALTHY, "Installed and complete: Whisper base, SmolLM2.")


def test_a_model_that_is_missing_or_damaged() -> None:
    def missing() -> Path:
        raise ArvisError("missing-package", "SmolLM2 is not installed.")

    found = check_weights({"Whisper base": Path.cwd, "SmolLM2": missing})
    assert (found.status, found.summary) == (Status.DEGRADED, "SmolLM2 is not installed.")
    assert found.advice
