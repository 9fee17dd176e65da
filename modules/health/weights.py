"""Check of the models' files: whether they are there and are what was installed."""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from modules.health.base import Finding, Status
from utils.errors import ArvisError

_SUFFIXES = frozenset({".bin", ".gguf", ".gz", ".json", ".onnx", ".ort", ".part1", ".part2", ".txt"})
"""What weights and what belongs to them are kept in."""
_BLOCK = 1 << 20
_AGAIN = "Install it again, or choose another model in the settings."


@dataclass(frozen=True, slots=True)
class Weights:
    """The files of one model."""

    title: str
    """Its name, for people."""
    find: Callable[[], object]
    """Finds its files; raises ArvisError when they are missing, or OSError when they cannot be read."""
    packages: Sequence[str] = ()
    """The packages that hold it; their files are compared with what the installer noted."""
    essential: bool = True
    """Whether an engine needs it that nothing stands in for."""


def check_weights(models: Iterable[Weights], *, thorough: bool) -> Finding:
    """Whether the files of these models are there and whole.

    Args:
        models: The ones that the settings ask for.
        thorough: Whether every byte is read and compared (SHA-256); otherwise only sizes are.
    """
    asked = list(models)
    status, problems = Status.HEALTHY, []
    for weights in asked:
        try:
            weights.find()
            changed = [file for package in weights.packages for file in changed_files(package, thorough=thorough)]
        except ArvisError as error:
            problems.append(error.message)
        except OSError as error:
            problem = f"The files of {weights.title} cannot be read ({error.strerror or type(error).__name__})."
            return Finding(Status.UNKNOWN, problem, "Give yourself the right to read them.")
        else:
            if not changed:
                continue
            problems.append(f"The files of {weights.title} are not what was installed: {', '.join(changed)}.")
        if weights.essential:
            status = Status.UNHEALTHY
        elif status is Status.HEALTHY:
            status = Status.DEGRADED
    if problems:
        return Finding(status, " ".join(problems), _AGAIN)
    if not asked:
        return Finding(Status.HEALTHY, "The settings ask for no model on this machine.")
    compared = "every byte compared" if thorough else "sizes compared"
    return Finding(Status.HEALTHY, f"Complete: {', '.join(weights.title for weights in asked)} ({compared}).")


def changed_files(package: str, *, thorough: bool) -> list[str]:
    """Names of a package's files that are missing, or not what the installer wrote down (RECORD of PEP 376).

    A package that was not installed by an installer, as in a frozen application, has nothing to compare with.
    """
    try:
        installed = distribution(package)
    except PackageNotFoundError:
        return []
    # Not `installed.files`, which leaves out files that are missing where the package importlib_metadata was imported.
    noted = [row for row in csv.reader((installed.read_text("RECORD") or "").splitlines()) if len(row) == 3]
    return [
        PurePosixPath(name).name
        for name, digest, size in noted
        if PurePosixPath(name).suffix in _SUFFIXES
        and not _is_same(Path(str(installed.locate_file(name))), digest, size, thorough)
    ]


def _is_same(path: Path, digest: str, size: str, thorough: bool) -> bool:
    """Whether a file is as its line in RECORD says: "algorithm=digest" and size, each empty where it was not noted."""
    try:
        with open(path, "rb") as content:
            if size and content.seek(0, 2) != int(size):
                return False
            if not thorough or not digest:
                return True
            content.seek(0)
            algorithm, _, wanted = digest.partition("=")
            found = hashlib.new(algorithm)
            while block := content.read(_BLOCK):
                found.update(block)
    except FileNotFoundError:
        return False
    return base64.urlsafe_b64encode(found.digest()).rstrip(b"=").decode() == wanted
