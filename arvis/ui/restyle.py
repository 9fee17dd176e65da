"""Style sheets that depend on properties."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget


def restyle(*widgets: QWidget) -> None:
    """Let the style sheet look again at widgets whose properties have changed."""
    for widget in widgets:
        style = widget.style()
        assert style is not None
        style.unpolish(widget)
        style.polish(widget)
