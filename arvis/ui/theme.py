"""Colours and style sheet, light or dark, as the system or the setting says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from string import Template
from typing import Literal

from PyQt6.QtCore import QObject, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QColor, QFont, QPalette, QStyleHints
from PyQt6.QtWidgets import QApplication

ThemeName = Literal["light", "dark"]
ThemeSetting = Literal["system", "light", "dark"]

_FONT_STEPS = {"font_small": -0.5, "font_body": 1.5, "font_large": 3.0, "font_headline": 8.0}
"""Points added to the size of the system's font."""


def load_tokens(name: ThemeName) -> Mapping[str, str]:
    """The colours of a theme by their names."""
    tokens: dict[str, str] = json.loads(files("assets").joinpath("styles", f"{name}.json").read_text("utf-8"))
    return tokens


def style_sheet(tokens: Mapping[str, str], font_points: float) -> str:
    """The application's style sheet in these colours, for a system font of this size."""
    template = Template(files("assets").joinpath("styles", "arvis.qss").read_text("utf-8"))
    sizes = {name: f"{font_points + step:g}" for name, step in _FONT_STEPS.items()}
    return template.substitute(tokens, **sizes)


class Theme(QObject):
    """The colours in use; applies them to the application and follows the system while it runs.

    Args:
        app: The application to dress.
        setting: "system" follows the desktop's light or dark scheme; a desktop that has none gets the light theme.
    """

    #: Other colours are in use now.
    changed = pyqtSignal()

    def __init__(self, app: QApplication, setting: ThemeSetting) -> None:
        super().__init__()
        self._app = app
        self._setting = setting
        self._points = _points(app.font())
        hints = app.styleHints()
        assert isinstance(hints, QStyleHints)
        hints.colorSchemeChanged.connect(self._on_scheme)
        self._apply(_choose(setting, hints.colorScheme()))

    def color(self, token: str) -> QColor:
        """The colour of a token."""
        return QColor(self._tokens[token])

    def choose(self, setting: ThemeSetting) -> None:
        """Wear this one from now on."""
        self._setting = setting
        hints = self._app.styleHints()
        assert isinstance(hints, QStyleHints)
        self._on_scheme(hints.colorScheme())

    @pyqtSlot(Qt.ColorScheme)
    def _on_scheme(self, scheme: Qt.ColorScheme) -> None:
        name = _choose(self._setting, scheme)
        if name != self.name:
            self._apply(name)

    def _apply(self, name: ThemeName) -> None:
        self.name: ThemeName = name
        self._tokens = load_tokens(name)
        self._app.setPalette(self._palette())
        self._app.setStyleSheet(style_sheet(self._tokens, self._points))
        self.changed.emit()

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, token in {
            QPalette.ColorRole.Window: "window",
            QPalette.ColorRole.WindowText: "text",
            QPalette.ColorRole.Base: "surface",
            QPalette.ColorRole.AlternateBase: "sunken",
            QPalette.ColorRole.Text: "text",
            QPalette.ColorRole.Button: "surface",
            QPalette.ColorRole.ButtonText: "text",
            QPalette.ColorRole.ToolTipBase: "surface",
            QPalette.ColorRole.ToolTipText: "text",
            QPalette.ColorRole.PlaceholderText: "text_muted",
            QPalette.ColorRole.Highlight: "selection",
            QPalette.ColorRole.HighlightedText: "text",
            QPalette.ColorRole.Link: "accent",
        }.items():
            palette.setColor(role, self.color(token))
        return palette


def _choose(setting: ThemeSetting, scheme: Qt.ColorScheme) -> ThemeName:
    if setting != "system":
        return setting
    return "dark" if scheme == Qt.ColorScheme.Dark else "light"


def _points(font: QFont) -> float:
    points = font.pointSizeF()
    return points if points > 0 else 10.0  # a font that is sized in pixels has no points
