"""This project is code for PyQt6, and its guide says what the checker knows."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from utils.qt_rules import ATTRIBUTES, EVENTS, HANDLERS, METHODS, OVERLOADS, REMOVED, table
from utils.qt_stubs import installed_stubs

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "PYQT6_MIGRATION_GUIDE.md"
BEGIN, END = "<!-- begin of the tables -->\n", "<!-- end of the tables -->\n"


def test_nothing_of_pyqt5_is_left_here() -> None:
    floors = ["arvis", "modules", "utils", "config", "tests", "scripts"]
    done = subprocess.run(
        [sys.executable, "-m", "utils.qt_compat", *floors], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_the_guide_has_the_tables_of_the_checker() -> None:
    text = GUIDE.read_text()
    assert text[text.index(BEGIN) + len(BEGIN) : text.index(END)] == f"\n{table()}\n", (
        "put the output of `python -m utils.qt_compat --table` between the two marks"
    )


@pytest.mark.parametrize("module", ["QtCore", "QtGui", "QtWidgets"])
def test_the_stubs_know_everything_that_a_module_has(module: str) -> None:
    stubs, loaded = installed_stubs(), importlib.import_module(f"PyQt6.{module}")
    assert stubs is not None
    classes = {name: owner for name, owner in vars(loaded).items() if stubs.is_class(name) and isinstance(owner, type)}
    public = [name for name in dir(loaded) if name[0] != "_"]
    assert [name for name in public if stubs.home(name) is None] == []
    assert len(classes) > 100
    unknown = [
        f"{name}.{attribute}"
        for name, owner in classes.items()
        for attribute in dir(owner)
        if attribute[0] != "_" and not stubs.has(name, attribute) and stubs.scope(name, attribute) is None
    ]
    assert unknown == []


def test_the_rules_are_true_of_the_pyqt6_that_is_installed() -> None:
    stubs = installed_stubs()
    assert stubs is not None
    assert [name for name in REMOVED if stubs.home(name) is not None] == []
    for owner, name in ATTRIBUTES:
        assert stubs.is_class(owner)
        assert not stubs.has(owner, name)
    for event, methods in EVENTS.items():
        kept = {name for name in methods if stubs.has(event, name)}
        assert kept <= {"pos"}, event  # a mouse event still has it, deprecated
    for handler, event in HANDLERS.items():
        assert stubs.has("QWidget", handler)
        assert event in EVENTS
    classes = ("QSortFilterProxyModel", "QTextEdit", "QComboBox", "QButtonGroup", "QSpinBox")
    for name in (*METHODS.values(), *OVERLOADS.values()):
        assert any(stubs.has(owner, name) for owner in classes), name
    for name in METHODS:
        assert not any(stubs.has(owner, name) for owner in classes), name
