"""What was told, kept over restarts: bounded, and without anything the user said."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from modules.notifications.base import Entry, Notification, Priority
from utils.discretion import outline, redacted
from utils.files import locked
from utils.journal import Journal

FILE_NAME = "notifications.jsonl"
"""Its name in the folder of what must survive."""
SLACK = 2
"""The file is written anew when it has more than this times as many records as there may be entries."""
_Signature = tuple[int, int, int]


class History:
    """The last notifications, in a file that several processes may use at once.

    A record has the state of an entry, the acknowledgement of some, or the end of all before it. It holds the code,
    the text as far as it is Arvis' own, priority, source, turn, times and count; never details.

    Args:
        path: The file; it need not exist, and neither need its folder.
        limit: How many entries are kept, 1 or more; the oldest go first.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._journal = Journal(path)
        self._limit = limit
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._records = 0
        self._seen: _Signature | None = None

    def record(self, entry: Entry) -> None:
        """Keep an entry, or its newer state. It is on file when this returns.

        Raises:
            utils.files.FileError: It cannot be written.
        """
        self._append(_written(entry))

    def acknowledge(self, ids: Collection[str]) -> None:
        """Mark entries as seen; ids of which there are none mean nothing.

        Raises:
            utils.files.FileError: It cannot be written.
        """
        self._append({"acknowledged": sorted(ids)})

    def clear(self) -> None:
        """Forget everything.

        Raises:
            utils.files.FileError: It cannot be written.
        """
        self._append({"cleared": True})

    def entries(self) -> tuple[Entry, ...]:
        """What is kept, the least recent first.

        Raises:
            utils.files.FileError: The file is there, but cannot be read.
        """
        with self._lock:
            self._refresh()
            return tuple(self._entries.values())

    def _append(self, record: Mapping[str, Any]) -> None:
        with self._lock, locked(self._journal.path):
            self._refresh()
            self._take(record)
            self._journal.append(record)
            if self._records > SLACK * self._limit:
                self._journal.rewrite([_written(entry) for entry in self._entries.values()])
                self._records = len(self._entries)
            self._seen = self._signature()

    def _refresh(self) -> None:
        """Read the file again where it is not as this process left it."""
        if self._signature() == self._seen:
            return
        seen = self._signature()
        self._entries.clear()
        self._records = 0
        for record in self._journal.read():
            self._take(record)
        self._seen = seen

    def _take(self, record: Mapping[str, Any]) -> None:
        self._records += 1
        if "cleared" in record:
            self._entries.clear()
        elif "acknowledged" in record:
            ids = record["acknowledged"]
            for name in ids if isinstance(ids, list) else ():
                if isinstance(name, str) and name in self._entries:
                    self._entries[name] = replace(self._entries[name], acknowledged=True)
        elif (entry := _read(record)) is not None:
            self._entries.pop(entry.id, None)
            self._entries[entry.id] = entry
            while len(self._entries) > self._limit:
                del self._entries[next(iter(self._entries))]

    def _signature(self) -> _Signature | None:
        try:
            status = self._journal.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns


def count_unread(entries: Iterable[Entry]) -> int:
    """How many are not acknowledged."""
    return sum(not entry.acknowledged for entry in entries)


def kept_text(notification: Notification) -> str:
    """What of a text may be written down."""
    text = notification.text if notification.keep_text else outline(notification.text)
    return str(redacted(text))


def _written(entry: Entry) -> dict[str, Any]:
    notification = entry.notification
    return {
        "id": entry.id,
        "code": notification.code,
        "text": kept_text(notification),
        "priority": notification.priority.label,
        "source": notification.source,
        "turn": notification.turn_id,
        "first": entry.first.isoformat(timespec="milliseconds"),
        "last": entry.last.isoformat(timespec="milliseconds"),
        "count": entry.count,
        "seen": entry.acknowledged,
    }


def _read(record: Mapping[str, Any]) -> Entry | None:
    """The entry of a record; None where it has none, as another version of Arvis or another hand may have written."""
    try:
        notification = Notification(
            str(record["code"]),
            str(record["text"]),
            Priority[str(record["priority"]).upper()],
            str(record["source"]),
            turn_id=None if record["turn"] is None else int(record["turn"]),
            keep_text=True,
        )
        first, last = (datetime.fromisoformat(record[name]) for name in ("first", "last"))
        return Entry(notification, first, last, int(record["count"]), bool(record["seen"]), str(record["id"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
