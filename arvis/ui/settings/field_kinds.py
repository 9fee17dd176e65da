"""Which field a setting has, by what the schema says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PyQt6.QtGui import QKeySequence

from arvis.ui.settings.choices import ChoiceField, OrderField, SwitchField
from arvis.ui.settings.field import Field
from arvis.ui.settings.numbers import NumberField
from arvis.ui.settings.recorder import HotkeyField
from arvis.ui.settings.texts import ListField, ProseField, TextField
from config.schema import Key

PROSE = 60
"""A text whose default is longer than so many characters is given several lines."""


def field_for(key: Key, shortcuts: Callable[[], Iterable[QKeySequence]]) -> Field:
    """A field for a setting.

    Args:
        key: The setting.
        shortcuts: The shortcuts of the window, with which a recorded key must not collide.
    """
    match key.kind:
        case "boolean":
            return SwitchField(key)
        case "integer" | "number":
            return NumberField(key)
        case "array":
            return OrderField(key) if "enum" in key.spec["items"] else ListField(key)
    if "enum" in key.spec:
        return ChoiceField(key)
    if key.spec.get("x-check") == "hotkey":
        return HotkeyField(key, shortcuts)
    return ProseField(key) if len(key.default) > PROSE else TextField(key)
