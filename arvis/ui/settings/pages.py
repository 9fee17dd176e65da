"""The settings, group by group or as a search finds them; rows are built little by little, before they are needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from PyQt6.QtCore import QCoreApplication, QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from arvis.ui.settings.catalogue import group_of, groups, matches
from arvis.ui.settings.row import RowFrame, wrapped
from config.schema import Key

SLICE_SECONDS = 0.008
"""So long rows are built at a time, so that the window stays quick."""

AT_ONCE = 20
"""A search that finds more settings than about so many shows the others one group after the other."""


class Section(QWidget):
    """A group of settings under its name.

    Args:
        group: The name.
        extras: What stands above the settings.
    """

    def __init__(self, group: str, extras: Iterable[QWidget]) -> None:
        super().__init__()
        self.group = group
        self.setAccessibleName(group)
        self._rows: list[RowFrame] = []
        heading = QLabel(group)
        heading.setProperty("role", "brand")
        self.card = QFrame()
        self.card.setObjectName("card")
        self._inside = QVBoxLayout(self.card)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(0)
        self._extras = tuple(extras)
        for extra in self._extras:
            self._inside.addWidget(extra)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(self.card)

    def add(self, row: RowFrame) -> None:
        """Put a setting at its place."""
        order = [key.path for key in groups()[group_of(row.key)]]
        place = sum(order.index(each.key.path) < order.index(row.key.path) for each in self._rows)
        self._rows.insert(place, row)
        self._inside.insertWidget(len(self._extras) + place, row)

    def show_rows(self, is_wanted: Callable[[Key], bool], *, extras: bool) -> None:
        """Show some of the settings, with a line between them, and what stands above them if that is wanted."""
        shown = [row for row in self._rows if is_wanted(row.key)]
        for row in self._rows:
            row.setVisible(row in shown)
            row.line.setVisible(row is not shown[-1] if shown else False)
        for extra in self._extras:
            extra.setVisible(extras)


class Pages(QScrollArea):
    """Shows one group, or what a search finds in all of them.

    Args:
        make: Makes the row of a setting or of a secret.
        extras: What stands above the settings of a group.
    """

    #: Every row is built.
    completed = pyqtSignal()

    def __init__(self, make: Callable[[Key], RowFrame], extras: Callable[[str], Iterable[QWidget]]) -> None:
        super().__init__()
        self._make = make
        self.group = next(iter(groups()))
        """The one that is shown, or was before a search."""
        self._query = ""
        self.rows: dict[str, RowFrame] = {}
        """Those that are built, by path."""
        self._waiting: list[Section] = []  # what a search finds, and is not on the screen yet
        self._missing = [key for inside in groups().values() for key in inside]
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)
        self.nothing = wrapped("", "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        content = QWidget()
        content.setObjectName("settings_page")
        column = QVBoxLayout(content)
        column.setContentsMargins(2, 2, 10, 12)
        column.setSpacing(16)
        self.sections = {group: Section(group, extras(group)) for group in groups()}
        for section in self.sections.values():
            section.hide()
            column.addWidget(section)
        column.addWidget(self.nothing)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)

    @property
    def is_complete(self) -> bool:
        """Whether every row is built."""
        return not self._missing

    def show_group(self, group: str) -> None:
        """Show the settings of a group."""
        self.group, self._query = group, ""
        self._follow()

    def show_matches(self, query: str) -> None:
        """Show what a search finds."""
        self._query = query
        self._follow()

    def start(self) -> None:
        """Build what is not built yet, and show what is not shown yet, in the background."""
        if self._missing or self._waiting:
            self._timer.start()

    def stop(self) -> None:
        """Do nothing for the time being."""
        self._timer.stop()

    def _is_wanted(self, key: Key) -> bool:
        return matches(key, self._query) if self._query else group_of(key) == self.group

    def _follow(self) -> None:
        self._missing.sort(key=lambda key: not self._is_wanted(key))
        self.setUpdatesEnabled(False)
        found = {group: sum(map(self._is_wanted, inside)) for group, inside in groups().items()}
        self._waiting = [self.sections[group] for group, rows in found.items() if rows]
        for section in self.sections.values():
            section.hide()  # rows that change in a section on the screen would each have it laid out anew
            section.show_rows(self._is_wanted, extras=not self._query)
        shown = 0
        while self._waiting and shown < AT_ONCE:
            shown += found[self._waiting[0].group]
            self._waiting.pop(0).show()
        any_found = any(found.values())
        self.nothing.setVisible(not any_found)
        self.nothing.setText("" if any_found else f"No setting has “{self._query}” in it.")
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.setValue(0)
        self._build_some()
        self._settle()
        self.setUpdatesEnabled(True)
        self.start()

    def _settle(self) -> None:
        """Lay out at once what Qt would lay out level by level, with a picture in between."""
        content = self.widget()
        assert content is not None
        for part in (*(section.card for section in self.sections.values()), *self.sections.values(), content):
            layout = part.layout()
            if layout is not None and not part.isHidden():
                layout.activate()
        QCoreApplication.sendPostedEvents(content, QEvent.Type.LayoutRequest.value)

    def _go_on(self) -> None:
        """Do a little of what is left."""
        if self._waiting:
            self._waiting.pop(0).show()
        else:
            self._build_some()
        if not self._missing and not self._waiting:
            self._timer.stop()

    def _build_some(self) -> None:
        end = time.monotonic() + SLICE_SECONDS
        changed = set()
        while self._missing and time.monotonic() < end:
            key = self._missing.pop(0)
            row = self.rows[key.path] = self._make(key)
            changed.add(group_of(key))
            self.sections[group_of(key)].add(row)
            for part in row.findChildren(QWidget):
                part.ensurePolished()  # now, rather than for all of them when a search shows them at once
        for group in changed:
            self.sections[group].show_rows(self._is_wanted, extras=not self._query)
        if changed and not self._missing:
            self.completed.emit()
