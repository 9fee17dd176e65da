from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from utils import qt_stubs
from utils.qt_stubs import QtStubs, installed_stubs

CORE = """
import enum
VERSION = ...  # type: int
LIMIT: int
class Base(sip.wrapper):
    class Colour(enum.Enum):
        Red = ...  # type: Base.Colour
    changed: typing.ClassVar[pyqtSignal]
    def move(self) -> None: ...
def function() -> None: ...
"""
GUI = """
class Derived(QtCore.Base):
    class Inner(simplewrapper):
        Blue = ...
    def turn(self) -> None: ...
"""


@pytest.fixture
def stubs(tmp_path: Path) -> QtStubs:
    (tmp_path / "QtCore.pyi").write_text(CORE)
    (tmp_path / "QtGui.pyi").write_text(GUI)
    (tmp_path / "sip.pyi").write_text("class array: ...")
    return QtStubs(tmp_path)


def test_each_name_has_its_home(stubs: QtStubs) -> None:
    homes = {name: stubs.home(name) for name in ("Base", "Derived", "function", "VERSION", "LIMIT", "array", "Other")}
    assert homes == {
        "Base": "QtCore", "Derived": "QtGui", "function": "QtCore", "VERSION": "QtCore", "LIMIT": "QtCore",
        "array": None, "Other": None,
    }  # fmt: skip
    assert stubs.exports("QtGui") == ["Derived"]
    assert (stubs.has_module("QtGui"), stubs.has_module("QtSql")) == (True, False)
    assert (stubs.is_class("Base"), stubs.is_class("function")) == (True, False)


def test_classes_have_what_they_inherit(stubs: QtStubs) -> None:
    for name in ("Colour", "changed", "move", "turn", "Inner"):
        assert stubs.has("Derived", name)
    assert not stubs.has("Base", "turn")
    assert not stubs.has("Other", "move")


def test_members_of_enumerations_have_their_scope(stubs: QtStubs) -> None:
    assert stubs.scope("Base", "Red") == stubs.scope("Derived", "Red") == "Colour"
    assert stubs.scope("Derived", "Blue") is None
    assert not stubs.has("Base", "Red")


def test_without_the_binding_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert installed_stubs.__wrapped__() is None


def test_reading_stubs_loads_nothing_of_qt() -> None:
    code = "import sys; from utils.qt_stubs import installed_stubs as stubs\n"
    code += "print(stubs().home('QAction'), 'PyQt6' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(qt_stubs.__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["QtGui", "False"]
