"""The audit log: what happened to Arvis, in a chain in which nothing can be changed unnoticed.

It is proof against accidents, and against changes by hand. Whoever may write the files and computes every hash anew can
forge all of it; only a count and hash that were noted elsewhere (see `modules.security.audit_check`) show that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modules.security.chain import START, Link, follow, link_of, parse
from modules.security.events import Event, Field, checked
from modules.security.segments import Segments, last_line
from utils.files import locked
from utils.journal import Journal

SEGMENT_BYTES = 1_000_000
"""A segment that has reached this is followed by the next; some 4,000 records."""
SEGMENTS_KEPT = 20
FIRST_RECORDS = 2
"""Records that are written before there is a head: that the log begins, and what happened."""


def present() -> str:
    """The time as records carry it: UTC, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class AuditLog:
    """Appends records; any number of threads and processes may, to the same folder.

    A record is on the disk before the head says so. Where a process dies in between, the log is longer than the head
    says, which is allowed; a log that is shorter has been cut.

    Args:
        folder: Where the log is; made when the first record is written.
        segment_bytes: Size from which on a segment is not continued.
        segments_kept: The oldest segment is removed when there are more; a record says so.
        time: The time of a record, as text.
    """

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        segments_kept: int = SEGMENTS_KEPT,
        time: Callable[[], str] = present,
    ) -> None:
        self.folder = folder
        self._segments = Segments(folder)
        self._segment_bytes = segment_bytes
        self._segments_kept = segments_kept
        self._time = time

    def record(self, event: str, **fields: Field) -> None:
        """Write down that something happened. Takes some milliseconds: the disk is waited for.

        Args:
            event: One of `modules.security.events.Event`, or another short name.
            fields: Names, codes, numbers; never what somebody said, and never a secret.

        Raises:
            ValueError: The event or a field may not be written down.
            TypeError: A field has no simple value.
            utils.files.FileError: The log cannot be written.
        """
        fields = checked(event, fields)
        with locked(self._segments.head_path):
            segments = self._segments.all()
            link, events = self._place(segments)
            removed = segments[: -self._segments_kept]
            events += [(Event.SEGMENT_REMOVED, _farewell(segment)) for segment in removed]
            events.append((event, fields))
            records = []
            for name, values in events:
                records.append(follow(link, self._time(), name, values))
                link = link_of(records[-1])
            self._segment(segments).append(*records)
            self._segments.write_head(link)
            for segment in removed:
                self._segments.remove(segment)

    def read(self) -> Iterator[dict[str, Any]]:
        """Every record that can be read, the oldest first; whether they are genuine is another question.

        Raises:
            utils.files.FileError: A file is there, but cannot be read.
        """
        for segment in self._segments.all():
            for line in segment.lines():
                record = parse(line)
                if record is not None:
                    yield record

    def _place(self, segments: list[Journal]) -> tuple[Link, list[tuple[str, dict[str, Field]]]]:
        """Where the next record belongs, and what has to be said before it.

        A log that has been cut is continued behind what the head says, so that the gap stays.
        """
        head, last = self._segments.read_head(), _last_link(segments)
        if head is None:
            if last is None and not segments:
                return START, [(Event.LOG_BEGUN, {})]
            lost = last is None or last.count > FIRST_RECORDS
            return last or START, [(Event.HEAD_LOST, {})] if lost else []
        return (last if last is not None and last.count > head.count else head), []

    def _segment(self, segments: list[Journal]) -> Journal:
        newest = segments[-1] if segments else None
        full = newest is None or newest.size >= self._segment_bytes
        return self._segments.after(newest) if newest is None or full else newest


def _last_link(segments: list[Journal]) -> Link | None:
    """The place of the last record; None where there is none, or it cannot be read."""
    for segment in reversed(segments):
        line = last_line(segment.path)
        if line is not None:
            record = parse(line)
            return link_of(record) if record is not None else None
    return None


def _farewell(segment: Journal) -> dict[str, Field]:
    link = _last_link([segment]) or START
    return {"segment": segment.path.name, "through": link.count, "hash": link.hash}
