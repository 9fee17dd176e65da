"""The user's hands: keys and mouse."""

from __future__ import annotations

from typing import Any

from PyQt6.QtTest import QTest

hands: Any = QTest
"""QTest itself, untyped: its stubs take its static functions for methods."""
