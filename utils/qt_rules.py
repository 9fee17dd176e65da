"""What code for PyQt5 has that PyQt6 has not, and what to write instead.

Sources: "Differences Between PyQt6 and PyQt5" in the documentation of PyQt6, the pages "Changes to Qt ..." of Qt 6, and
the type stubs of PyQt6.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding."""

    old: str
    """What is found, as an example."""
    new: str
    """What to write, as an example."""
    why: str
    """What changed, in a few words."""


RULES = {
    "binding": Rule("from PyQt5.QtCore import Qt", "from PyQt6.QtCore import Qt", "another binding"),
    "sip": Rule("import sip", "from PyQt6 import sip", "sip is a part of the binding"),
    "moved": Rule("from PyQt6.QtWidgets import QAction", "from PyQt6.QtGui import QAction", "in another module now"),
    "module": Rule("from PyQt5 import QtWinExtras", "nothing, or see below", "the module is gone"),
    "removed": Rule("from PyQt5.QtCore import QRegExp", "see below", "the name is gone"),
    "enum": Rule("Qt.AlignCenter", "Qt.AlignmentFlag.AlignCenter", "enumerations are scoped"),
    "attribute": Rule("QLibraryInfo.location(…)", "QLibraryInfo.path(…), see below", "the class has no such attribute"),
    "exec": Rule("app.exec_()", "app.exec()", "exec is no keyword in Python 3"),
    "high-dpi": Rule("Qt.AA_EnableHighDpiScaling", "delete the line", "always on"),
    "text-width": Rule("QFontMetrics.width(text)", "horizontalAdvance(text)", "renamed"),
    "event": Rule("event.pos(), event.globalX()", "event.position(), see below", "positions are points of floats"),
    "overload": Rule("box.activated[str]", "box.textActivated", "overloads of signals became signals"),
    "method": Rule("proxy.setFilterRegExp(…)", "proxy.setFilterRegularExpression(…)", "renamed"),
}
"""Code of each kind to what it is; the order is that of the guide."""

OLD_BINDINGS = ("PyQt4", "PyQt5", "PySide", "PySide2")

REMOVED = {
    "QDesktopWidget": "QGuiApplication.screens(), or QWidget.screen()",
    "QDirModel": "QFileSystemModel",
    "QGLWidget": "QOpenGLWidget",
    "QMatrix": "QTransform",
    "QMediaContent": "QUrl",
    "QMediaPlaylist": "a list of QUrl",
    "QAudioDeviceInfo": "QMediaDevices and QAudioDevice",
    "QPictureIO": "QImageReader and QImageWriter",
    "QRegExp": "QRegularExpression",
    "QRegExpValidator": "QRegularExpressionValidator",
    "QSound": "QSoundEffect",
    "QStringRef": "str",
    "QTextCodec": "QStringDecoder and QStringEncoder, or bytes.decode and str.encode",
    "Q_ENUM": "pyqtEnum",
    "Q_ENUMS": "pyqtEnum",
    "Q_FLAG": "pyqtEnum",
    "Q_FLAGS": "pyqtEnum",
    "qApp": "QApplication.instance()",
    "qrand": "random.randrange",
    "qsrand": "random.seed",
}
"""Name that PyQt6 has nowhere to what takes its place."""

REMOVED_MODULES = {
    "QtMacExtras": "what QtGui and QtWidgets have",
    "QtScript": "QJSEngine of QtQml",
    "QtWebKit": "QtWebEngineCore of PyQt6-WebEngine",
    "QtWebKitWidgets": "QtWebEngineWidgets of PyQt6-WebEngine",
    "QtWinExtras": "what QtGui and QtWidgets have",
    "QtX11Extras": "QGuiApplication.nativeInterface, or Xlib",
    "QtXmlPatterns": "xml.etree",
}
"""Module that PyQt6 has not to what takes its place."""

ATTRIBUTES = {
    ("QLibraryInfo", "location"): "path",
    ("QLibraryInfo", "PrefixPath"): "LibraryPath.PrefixPath",
    ("QLibraryInfo", "TranslationsPath"): "LibraryPath.TranslationsPath",
    ("QApplication", "desktop"): "primaryScreen() or screens()",
    ("QPalette", "Background"): "ColorRole.Window",
    ("QPalette", "Foreground"): "ColorRole.WindowText",
    ("Qt", "BackgroundColorRole"): "ItemDataRole.BackgroundRole",
    ("Qt", "MidButton"): "MouseButton.MiddleButton",
    ("Qt", "TextColorRole"): "ItemDataRole.ForegroundRole",
}
"""Class and attribute that it lost to the attribute that takes its place."""

HIGH_DPI = frozenset({"AA_DisableHighDpiScaling", "AA_EnableHighDpiScaling", "AA_UseHighDpiPixmaps"})

METHODS = {
    "filterRegExp": "filterRegularExpression",
    "setFilterRegExp": "setFilterRegularExpression",
    "setTabStopWidth": "setTabStopDistance",
    "tabStopWidth": "tabStopDistance",
}
"""Methods that are known by their names alone."""

OVERLOADS = {
    ("activated", "str"): "textActivated",
    ("buttonClicked", "int"): "idClicked",
    ("buttonPressed", "int"): "idPressed",
    ("buttonReleased", "int"): "idReleased",
    ("currentIndexChanged", "str"): "currentTextChanged",
    ("highlighted", "str"): "textHighlighted",
    ("valueChanged", "str"): "textChanged",
}
"""Signal and the type of the overload that it lost to the signal that takes its place."""

_POINT = {
    "pos": "position().toPoint()",
    "posF": "position()",
    "localPos": "position()",
    "x": "position().x()",
    "y": "position().y()",
    "windowPos": "scenePosition()",
    "globalPos": "globalPosition().toPoint()",
    "globalPosF": "globalPosition()",
    "screenPos": "globalPosition()",
    "globalX": "globalPosition().x()",
    "globalY": "globalPosition().y()",
}
_DROP = {
    "pos": "position().toPoint()",
    "posF": "position()",
    "mouseButtons": "buttons()",
    "keyboardModifiers": "modifiers()",
}
EVENTS = {
    "QMouseEvent": _POINT,
    "QHoverEvent": _POINT,
    "QEnterEvent": _POINT,
    "QTabletEvent": _POINT,
    "QWheelEvent": {**_POINT, "delta": "angleDelta().y()", "orientation": "angleDelta()"},
    "QDropEvent": _DROP,
    "QDragMoveEvent": _DROP,
    "QDragEnterEvent": _DROP,
    "QTouchEvent": {"touchPoints": "points()"},
}
"""Class of an event to its old methods, and what to call instead."""

HANDLERS = {
    "mousePressEvent": "QMouseEvent",
    "mouseReleaseEvent": "QMouseEvent",
    "mouseMoveEvent": "QMouseEvent",
    "mouseDoubleClickEvent": "QMouseEvent",
    "enterEvent": "QEnterEvent",
    "tabletEvent": "QTabletEvent",
    "wheelEvent": "QWheelEvent",
    "dropEvent": "QDropEvent",
    "dragMoveEvent": "QDragMoveEvent",
    "dragEnterEvent": "QDragEnterEvent",
}
"""Method of a widget to the class of its event."""


def table() -> str:
    """The tables of the migration guide, in Markdown."""
    lines = ["| finding | PyQt5 | PyQt6 | why |", "|---|---|---|---|"]
    lines += [f"| {code} | `{rule.old}` | `{rule.new}` | {rule.why} |" for code, rule in RULES.items()]
    lines += ["", "| gone | instead |", "|---|---|"]
    lines += [f"| `{name}` | {instead} |" for name, instead in sorted({**REMOVED, **REMOVED_MODULES}.items())]
    lines += [f"| `{owner}.{name}` | `{owner}.{new}` |" for (owner, name), new in sorted(ATTRIBUTES.items())]
    lines += [f"| `.{name}()` | `.{new}()` |" for name, new in sorted(METHODS.items())]
    lines += [f"| `.{name}[{kind}]` | `.{new}` |" for (name, kind), new in sorted(OVERLOADS.items())]
    lines += ["", "| event | PyQt5 | PyQt6 |", "|---|---|---|"]
    lines += [f"| {event} | `{old}()` | `{new}` |" for event, methods in EVENTS.items() for old, new in methods.items()]
    return "\n".join(lines) + "\n"
