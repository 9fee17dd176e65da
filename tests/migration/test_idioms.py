"""What the checker finds in code for PyQt5, and that it leaves code for PyQt6 alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from utils import qt_compat
from utils.qt_compat import check, main
from utils.qt_rules import RULES, table
from utils.qt_stubs import QtStubs, installed_stubs


def stubs() -> QtStubs:
    found = installed_stubs()
    assert found is not None
    return found


def found(source: str) -> list[tuple[int, str, str, str]]:
    return [(finding.line, finding.code, finding.old, finding.new) for finding in check(source, stubs())]


CORE = "from PyQt6.QtCore import Qt\n"
WIDGET = "from PyQt6.QtWidgets import QWidget\nclass W(QWidget):\n"


@pytest.mark.parametrize(
    ("source", "code", "old", "new"),
    [
        ("import PyQt5", "binding", "PyQt5", "PyQt6"),
        ("from PyQt5 import QtCore", "binding", "PyQt5", "PyQt6"),
        ("from PySide2.QtCore import Qt", "binding", "PySide2", "PyQt6"),
        ("import PyQt5.QtWidgets as w", "binding", "PyQt5", "PyQt6"),
        ("import sip", "sip", "import sip", "from PyQt6 import sip"),
        ("from PyQt6.QtWidgets import QAction", "moved", "QtWidgets.QAction", "PyQt6.QtGui.QAction"),
        ("from PyQt6.QtWidgets import QShortcut as S", "moved", "QtWidgets.QShortcut", "PyQt6.QtGui.QShortcut"),
        ("from PyQt6 import QtWidgets\nQtWidgets.QAction()", "moved", "QtWidgets.QAction", "PyQt6.QtGui.QAction"),
        ("import PyQt6.QtWidgets\nPyQt6.QtWidgets.QAction()", "moved", "QtWidgets.QAction", "PyQt6.QtGui.QAction"),
        (
            "from PyQt6.QtWidgets import QDesktopWidget",
            "removed",
            "QDesktopWidget",
            "QGuiApplication.screens(), or QWidget.screen()",
        ),
        ("from PyQt6 import QtCore\nQtCore.QRegExp('a')", "removed", "QRegExp", "QRegularExpression"),
        (
            "from PyQt6.QtCore import QTextCodec",
            "removed",
            "QTextCodec",
            "QStringDecoder and QStringEncoder, or bytes.decode and str.encode",
        ),
        ("from PyQt6.QtCore import QOfMyOwn", "removed", "QtCore.QOfMyOwn", "something else, PyQt6 has no such name"),
        ("from PyQt6 import QtScript", "module", "PyQt6.QtScript", "QJSEngine of QtQml"),
        (
            "from PyQt6.QtX11Extras import QX11Info",
            "module",
            "PyQt6.QtX11Extras",
            "QGuiApplication.nativeInterface, or Xlib",
        ),
        (CORE + "Qt.AlignCenter", "enum", "Qt.AlignCenter", "Qt.AlignmentFlag.AlignCenter"),
        (
            "from PyQt6 import QtCore as c\nc.Qt.AlignCenter",
            "enum",
            "c.Qt.AlignCenter",
            "c.Qt.AlignmentFlag.AlignCenter",
        ),
        ("from PyQt6.QtWidgets import QMessageBox as B\nB.Yes | 1", "enum", "B.Yes", "B.StandardButton.Yes"),
        ("from PyQt6.QtWidgets import QLabel\nQLabel.Box", "enum", "QLabel.Box", "QLabel.Shape.Box"),
        ("from PyQt6.QtWidgets import *\nQFrame.Box", "enum", "QFrame.Box", "QFrame.Shape.Box"),
        ("def f():\n    from PyQt6.QtCore import Qt\n    return Qt.Key_A", "enum", "Qt.Key_A", "Qt.Key.Key_A"),
        (
            "from PyQt6.QtWidgets import QDialog\nclass D(QDialog):\n    def f(self): return self.Accepted",
            "enum",
            "self.Accepted",
            "self.DialogCode.Accepted",
        ),
        ("app.exec_()", "exec", "app.exec_", "app.exec"),
        ("menu().exec_(point)", "exec", "menu().exec_", "menu().exec"),
        (
            CORE + "app.setAttribute(Qt.AA_EnableHighDpiScaling)",
            "high-dpi",
            "Qt.AA_EnableHighDpiScaling",
            "nothing, it is always on",
        ),
        (
            CORE + "Qt.ApplicationAttribute.AA_UseHighDpiPixmaps",
            "high-dpi",
            "Qt.ApplicationAttribute.AA_UseHighDpiPixmaps",
            "nothing, it is always on",
        ),
        (CORE + "Qt.MidButton", "attribute", "Qt.MidButton", "Qt.MouseButton.MiddleButton"),
        (
            "from PyQt6.QtCore import QLibraryInfo\nQLibraryInfo.location(1)",
            "attribute",
            "QLibraryInfo.location",
            "QLibraryInfo.path",
        ),
        (
            "from PyQt6.QtWidgets import QApplication\nQApplication.desktop()",
            "attribute",
            "QApplication.desktop",
            "QApplication.primaryScreen() or screens()",
        ),
        (
            "from PyQt6.QtGui import QPixmap\nQPixmap.grabWindow(1)",
            "attribute",
            "QPixmap.grabWindow",
            "something else, PyQt6 has no such attribute",
        ),
        ("w.fontMetrics().width('a')", "text-width", "w.fontMetrics().width", "w.fontMetrics().horizontalAdvance"),
        (
            "from PyQt6.QtGui import QFontMetrics\nQFontMetrics(f).width('a')",
            "text-width",
            "QFontMetrics(f).width",
            "QFontMetrics(f).horizontalAdvance",
        ),
        ("m = w.fontMetrics()\nm.width('a')", "text-width", "m.width", "m.horizontalAdvance"),
        ("self.m = w.fontMetrics()\nself.m.width('a')", "text-width", "self.m.width", "self.m.horizontalAdvance"),
        (
            "from PyQt6.QtGui import QFontMetricsF\ndef f(m: QFontMetricsF): return m.width('a')",
            "text-width",
            "m.width",
            "m.horizontalAdvance",
        ),
        (
            WIDGET + "    def mousePressEvent(self, event): return event.globalX()",
            "event",
            "event.globalX",
            "event.globalPosition().x()",
        ),
        (WIDGET + "    def mouseMoveEvent(self, e): return e.pos()", "event", "e.pos", "e.position().toPoint()"),
        (WIDGET + "    def wheelEvent(self, e): return e.delta()", "event", "e.delta", "e.angleDelta().y()"),
        (WIDGET + "    def dropEvent(self, e): return e.pos()", "event", "e.pos", "e.position().toPoint()"),
        (
            "from PyQt6 import QtGui\ndef f(e: QtGui.QMouseEvent | None): return e.localPos()",
            "event",
            "e.localPos",
            "e.position()",
        ),
        ("box.activated[str].connect(f)", "overload", ".activated[str]", ".textActivated"),
        ("box.currentIndexChanged['str'].connect(f)", "overload", ".currentIndexChanged[str]", ".currentTextChanged"),
        ("proxy.setFilterRegExp('a')", "method", ".setFilterRegExp", ".setFilterRegularExpression"),
        ("def f(:", "syntax", "no Python", "something that Python can read"),
        ("a = '\0'", "syntax", "no Python", "something that Python can read"),
    ],
)
def test_what_pyqt6_does_not_run_is_found_with_what_to_write(source: str, code: str, old: str, new: str) -> None:
    (finding,) = found(source)
    assert finding[1:] == (code, old, new)
    assert code in (*RULES, "syntax")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "import os, sipper\nfrom .PyQt5 import x\nfrom PyQt50 import y",
        "from PyQt6 import QtCore, sip, uic\nsip.delete(a)\nuic.loadUi('a')",
        "import PyQt6.QtCore\nPyQt6.QtCore.Qt.AlignmentFlag.AlignCenter",
        CORE + "x: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignCenter",
        "class Qt:\n    AlignCenter = 1\nQt.AlignCenter",
        "# from PyQt5 import QtCore\ntext = 'Qt.AlignCenter app.exec_()'",
        "from PyQt6.QtGui import QAction, QShortcut, QUndoStack",
        "from PyQt6.QtCore import pyqtSignal, pyqtSlot, pyqtProperty, pyqtEnum, QT_VERSION_STR, PYQT_VERSION_STR",
        "from PyQt6.QtWebEngineWidgets import QWebEngineView",
        "app.exec()\ncursor.execute('a')\nfilter.exec('b')",
        "from PyQt6.QtWidgets import QWidget\nQWidget.__init__(w)\nQWidget.resize(w, 1, 2)\nQWidget.tag = 1",
        "from PyQt6.QtWidgets import QApplication\nQApplication.screens()\nQApplication.primaryScreen()",
        WIDGET + "    def f(self): return self.width() + self.Yes + self.own",
        WIDGET + "    def mousePressEvent(self, e): return e.position().x() + e.globalPosition().y()",
        WIDGET + "    def contextMenuEvent(self, e): return e.globalPos()",
        "class Mine:\n    def mousePressEvent(self, e): return e.pos()",
        "w.width()\nrect.x()\nitem.pos()\ncursor.pos()",
        "def f(m): return m.width()",
        "m = w.fontMetrics()\nm.horizontalAdvance('a')\nm = w\nm.width()",
        "box.activated.connect(f)\nbox.textActivated[str].connect(f)\nvalues.activated[0]",
    ],
)
def test_other_code_is_left_alone(source: str) -> None:
    assert found(source) == []


def test_findings_come_by_line_and_once_each() -> None:
    source = "from PyQt5.QtWidgets import QAction, QDesktopWidget\n\nx.exec_(); y.exec_()\n"
    assert [finding[:3] for finding in found(source)] == [
        (1, "binding", "PyQt5"),
        (1, "moved", "QtWidgets.QAction"),
        (1, "removed", "QDesktopWidget"),
        (3, "exec", "x.exec_"),
        (3, "exec", "y.exec_"),
    ]


def test_the_command_says_where_and_what_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.py").write_text(CORE + "\nQt.AlignLeft\n")
    (tmp_path / "new.py").write_text(CORE)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "old.py").write_text("import sip")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == (f"{tmp_path}/old.py:3: Qt.AlignLeft: write Qt.AlignmentFlag.AlignLeft [enum]\n")
    assert main([str(tmp_path / "new.py")]) == 0
    assert main(["--table"]) == 0
    assert capsys.readouterr().out == table()
    assert main([str(tmp_path / ".hidden" / "old.py")]) == 1


def test_calls_that_make_no_sense(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "latin.py").write_bytes(b"\xff")
    for arguments in ([], ["--help"]):
        assert main(arguments) == 2
        assert "usage:" in capsys.readouterr().err
    for name in ("missing.py", "latin.py"):
        assert main([str(tmp_path / name)]) == 2
        assert f"{name} cannot be read" in capsys.readouterr().err
    monkeypatch.setattr(qt_compat, "installed_stubs", lambda: None)
    assert main([str(tmp_path)]) == 2
    assert "not installed" in capsys.readouterr().err
