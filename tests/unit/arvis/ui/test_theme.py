from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import pytest
from PyQt6 import sip
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFont, QStyleHints
from PyQt6.QtWidgets import QApplication

from arvis.ui.theme import Theme, ThemeName, ThemeSetting, load_tokens, style_sheet

Make = Callable[[ThemeSetting], Theme]


@pytest.fixture
def make(qapp: QApplication) -> Iterator[Make]:
    made: list[Theme] = []

    def build(setting: ThemeSetting) -> Theme:
        made.append(Theme(qapp, setting))
        return made[-1]

    yield build
    for theme in made:
        sip.delete(theme)


NAMES: tuple[ThemeName, ...] = ("light", "dark")


def luminance(color: QColor) -> float:
    """Relative luminance as in WCAG 2."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(QColor(one)), luminance(QColor(other))))
    return (high + 0.05) / (low + 0.05)


def test_both_themes_have_the_same_tokens() -> None:
    light, dark = (load_tokens(name) for name in NAMES)
    assert light.keys() == dark.keys()
    assert light != dark


@pytest.mark.parametrize("name", NAMES)
def test_words_stand_out_from_what_is_behind_them(name: ThemeName) -> None:
    tokens = load_tokens(name)
    pairs = [
        *(("text", ground) for ground in ("window", "surface", "sunken", "bubble_user", "bubble_reply", "selection")),
        *(("text", f"notice_{severity}") for severity in ("info", "warning", "error")),
        *(("text_muted", ground) for ground in ("window", "surface", "bubble_user_partial")),
        ("on_accent", "accent"),
        ("on_accent", "accent_hover"),
        *(("on_accent", f"state_{state}") for state in ("idle", "listening", "speculative", "committed", "speaking")),
    ]
    weak = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("name", NAMES)
def test_shapes_and_edges_stand_out(name: ThemeName) -> None:
    tokens = load_tokens(name)
    marks = ["border_strong", "accent", *(token for token in tokens if token.startswith("state_"))]
    weak = {mark: contrast(tokens[mark], tokens["surface"]) for mark in marks}
    assert {mark: ratio for mark, ratio in weak.items() if ratio < 3.0} == {}


def test_the_style_sheet_follows_the_size_of_the_systems_font() -> None:
    sheet = style_sheet(load_tokens("light"), 12.0)
    assert "font-size: 13.5pt" in sheet
    assert "$" not in sheet


@pytest.mark.parametrize(
    ("setting", "scheme", "name"),
    [
        ("system", Qt.ColorScheme.Dark, "dark"),
        ("system", Qt.ColorScheme.Light, "light"),
        ("system", Qt.ColorScheme.Unknown, "light"),
        ("light", Qt.ColorScheme.Dark, "light"),
        ("dark", Qt.ColorScheme.Light, "dark"),
    ],
)
def test_the_system_is_followed_while_it_runs_unless_the_setting_says_otherwise(
    qapp: QApplication, make: Make, setting: ThemeSetting, scheme: Qt.ColorScheme, name: str
) -> None:
    theme = make(setting)
    hints = cast(QStyleHints, qapp.styleHints())
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    hints.colorSchemeChanged.emit(scheme)
    assert theme.name == name
    window = load_tokens(theme.name)["window"]
    assert qapp.palette().window().color().name() == window
    assert window in qapp.styleSheet()


def test_a_change_is_told_once(make: Make) -> None:
    theme = make("system")
    changes: list[str] = []
    theme.changed.connect(lambda: changes.append(theme.name))
    for scheme in (Qt.ColorScheme.Light, Qt.ColorScheme.Dark, Qt.ColorScheme.Dark, Qt.ColorScheme.Light):
        theme._on_scheme(scheme)
    assert changes == ["dark", "light"]


def test_a_font_that_is_sized_in_pixels_has_a_size_too(qapp: QApplication, make: Make) -> None:
    before = qapp.font()
    font = QFont(before)
    font.setPixelSize(15)
    qapp.setFont(font)
    try:
        make("light")
        assert "font-size: 11.5pt" in qapp.styleSheet()
    finally:
        qapp.setFont(before)
