"""No file that somebody else made may bring code along, or choose where it is written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
FLOORS = ("arvis", "modules", "config", "utils", "scripts")
UNPICKLES = frozenset({"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "torch"})
"""Modules that run what a file tells them to, or load files with those that do."""
UNPACKS = frozenset({"tarfile", "zipfile", "unpack_archive", "extractall"})
NAMED = {"modules/models/packages.py": ["zipfile", "zipfile"]}
"""Reads single, named files out of a wheel whose checksum was compared, as streams and within their stated sizes."""
RUNS = frozenset({"eval", "exec", "unsafe_load", "full_load"})


def findings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        match node:
            case ast.Import():
                names = [alias.name.split(".")[0] for alias in node.names]
            case ast.ImportFrom():
                names = [(node.module or "").split(".")[0], *(alias.name for alias in node.names)]
            case ast.Attribute():
                names = [node.attr]
            case ast.Call(func=ast.Name(id=name)):
                names = [name]
            case ast.keyword(arg="allow_pickle", value=value) if not (
                isinstance(value, ast.Constant) and value.value is False
            ):
                names = ["pickle"]
        yield from (name for name in names if name in UNPICKLES | UNPACKS | RUNS and not _is_qt(node))


def _is_qt(node: ast.AST) -> bool:
    """Qt's `app.exec()` and `menu.exec()` run an event loop, not a text."""
    return isinstance(node, ast.Attribute) and node.attr == "exec"


def test_nothing_unpickles_unpacks_or_runs_what_it_read() -> None:
    files = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    assert len(files) > 100
    found = {str(path.relative_to(ROOT)): names for path in files if (names := list(findings(path.read_text("utf-8"))))}
    assert found == NAMED


@pytest.mark.parametrize(
    "source",
    [
        *("import pickle", "import torch.serialization", "from joblib import load", "import tarfile", "eval(text)"),
        *(
            "numpy.load(path, allow_pickle=True)",
            "numpy.load(path, allow_pickle=wanted)",
            "shutil.unpack_archive(path)",
        ),
        *("archive.extractall(folder)", "from shutil import unpack_archive", "yaml.unsafe_load(text)", "exec(text)"),
    ],
)
def test_what_would_is_found(source: str) -> None:
    assert list(findings(source))


@pytest.mark.parametrize(
    "source", ["numpy.load(path)", "numpy.load(path, allow_pickle=False)", "app.exec()", "import json"]
)
def test_what_does_not_is_not(source: str) -> None:
    assert not list(findings(source))
