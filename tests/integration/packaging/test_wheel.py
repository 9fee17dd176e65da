"""The wheel, built and installed into an environment of its own, is well-behaved and speaks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

from arvis import __version__

ROOT = Path(__file__).resolve().parents[3]
FLOORS = ("modules", "utils", "config", "assets")


def sources(folder: Path) -> set[str]:
    """The files of a folder that belong into a wheel, relative to the clone."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    }


def find_uv() -> str:
    own = ROOT / ".uv" / "bin" / "uv"
    found = str(own) if own.is_file() else shutil.which("uv")
    assert found, "uv is missing; run `make setup` first"
    return found


def call(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command that knows nothing of this clone or this environment; fail with its words."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    result = subprocess.run(
        command, cwd=cwd, env=inherited | environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


class Environment:
    """A virtual environment without any package."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        call(find_uv(), "venv", "--no-project", "--python", sys.executable, folder, cwd=folder.parent)

    @property
    def site_packages(self) -> set[str]:
        (folder,) = self.folder.glob("lib/python3.*/site-packages")
        return {path.name for path in folder.iterdir()}

    def install(self, *what: str | Path) -> None:
        command = (
            find_uv(),
            "pip",
            "install",
            "--python",
            self.folder,
            "--build-constraints",
            "requirements/build.lock",
        )
        call(*command, *what, cwd=ROOT)

    def arvis(self, *arguments: str, cwd: Path) -> str:
        caches = {f"XDG_{kind}_HOME": str(cwd / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA", "STATE")}
        return call(self.folder / "bin" / "arvis", *arguments, cwd=cwd, **caches).stdout


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the locked dependencies and the wheel."""
    environment = Environment(tmp_path_factory.mktemp("installed") / "venv")
    environment.install("--require-hashes", "--requirement", "requirements/run.lock")
    environment.install("--no-deps", wheel)
    return environment


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with modules of the same names as the floors of Arvis, which must not be taken for them."""
    for floor in FLOORS:
        (tmp_path / floor).mkdir()
        (tmp_path / floor / "__init__.py").write_text("raise ImportError('the wrong folder was imported')\n")
    return tmp_path


def test_everything_lies_below_arvis(contents: set[str]) -> None:
    assert {name.partition("/")[0] for name in contents} == {"arvis", f"arvis-{__version__}.dist-info"}
    assert not [name for name in contents if name.endswith(".pyc")]


@pytest.mark.parametrize("floor", FLOORS)
def test_the_floors_are_complete(contents: set[str], floor: str) -> None:
    expected = {f"arvis/_root/{name}" for name in sources(ROOT / floor)}
    assert expected
    assert {name for name in contents if name.startswith(f"arvis/_root/{floor}/")} == expected


def test_the_application_is_complete(contents: set[str]) -> None:
    assert {name for name in contents if name.startswith("arvis/") and "/_root/" not in name} == sources(ROOT / "arvis")


def test_the_licence_comes_along(contents: set[str]) -> None:
    assert f"arvis-{__version__}.dist-info/licenses/LICENSE" in contents


def test_site_packages_gains_only_arvis(wheel: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv")
    before = environment.site_packages
    environment.install("--no-deps", wheel)
    assert environment.site_packages - before == {"arvis", f"arvis-{__version__}.dist-info"}


def test_version(environment: Environment, elsewhere: Path) -> None:
    assert environment.arvis("--version", cwd=elsewhere).strip() == f"arvis {__version__}"


def test_say(environment: Environment, elsewhere: Path) -> None:
    environment.arvis("say", "Hello.", "-o", "out.wav", cwd=elsewhere)
    with wave.open(str(elsewhere / "out.wav")) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    assert 0.2 <= seconds <= 3.0
    assert np.abs(samples).max() > 1000
