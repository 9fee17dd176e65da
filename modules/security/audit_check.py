"""Looks whether an audit log is as it was written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from modules.security.audit import FIRST_RECORDS
from modules.security.chain import START, Link, digest, link_of, parse
from modules.security.events import Event
from modules.security.segments import Segments
from utils.files import locked


class Fault(StrEnum):
    """What is wrong with a log."""

    CHANGED = "changed"
    """A record does not have the content that its hash was made from."""
    UNREADABLE = "unreadable"
    """A line is no record."""
    MISSING = "missing"
    """Records are not there that were before the one at the place."""
    OUT_OF_ORDER = "out-of-order"
    """A record stands behind one that was written later, or twice."""
    UNLINKED = "unlinked"
    """A record was not written after the one before it."""
    CUT = "cut"
    """Records at the end are not there."""
    HEAD = "head"
    """The file that says how long the log is does not fit it, or was gone."""
    ANCHOR = "anchor"
    """The record that was noted elsewhere is not there, or is another."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    fault: Fault
    place: str
    """File and line, or the file."""
    text: str
    """What is wrong, in one sentence."""


@dataclass(slots=True)
class Verdict:
    """What was found."""

    findings: list[Finding] = field(default_factory=list)
    records: int = 0
    """Records that were read."""
    since: str = ""
    """Time of the first of them."""
    until: str = ""
    """Time of the last of them."""
    end: Link = START
    """The last record: to be noted elsewhere, and given as the anchor of a later check."""

    @property
    def genuine(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def verify(folder: Path, anchor: Link | None = None) -> Verdict:
    """Check every record of a log, and its end.

    Args:
        folder: Where the log is.
        anchor: The end that an earlier check told.

    Raises:
        utils.files.FileError: The log cannot be read, or is being written all the time.
    """
    segments = Segments(folder)
    if not folder.is_dir():
        check = _Check(None, anchor)
        if os.path.lexists(folder):
            check.miss(folder)
        return check.finish()
    with locked(segments.head_path):
        check = _Check(segments.read_head(), anchor)
        for place, line in _lines(segments):
            check.take(place, line)
        return check.finish()


def _lines(segments: Segments) -> Iterator[tuple[str, bytes]]:
    for segment in segments.all():
        for number, line in enumerate(segment.lines(), start=1):
            yield f"{segment.path.name}, line {number}", line


class _Check:
    """Takes the lines of a log one after the other."""

    def __init__(self, head: Link | None, anchor: Link | None) -> None:
        self._verdict = Verdict()
        self._head = head
        self._anchor = anchor
        self._link: Link | None = None
        self._start = START
        self._start_place = ""
        self._removed: set[Link] = set()
        self._hashes: dict[int, str] = {}

    def take(self, place: str, line: bytes) -> None:
        record = parse(line)
        if record is None:
            self._find(Fault.UNREADABLE, place, "This line is not a record.")
            self._link = None
            return
        if digest(record) != record["hash"]:
            self._find(Fault.CHANGED, place, f"Record {record['n']} was changed after it had been written.")
        if self._verdict.records == 0:
            self._start, self._start_place = Link(record["n"] - 1, record["previous"]), place
            self._verdict.since = record["time"]
        elif self._link is not None:
            self._compare(place, record, self._link)
        self._note(place, record)

    def miss(self, folder: Path) -> None:
        text = "This is not a folder, so the log that belongs here is gone, and nothing can be written down."
        self._find(Fault.MISSING, str(folder), text)

    def finish(self) -> Verdict:
        verdict = self._verdict
        if self._start != START and self._start not in self._removed:
            text = f"The log begins with record {self._start.count + 1}, and no record says why."
            self._find(Fault.MISSING, self._start_place, text)
        self._judge_end()
        if self._anchor is not None and self._hashes.get(self._anchor.count) != self._anchor.hash:
            text = f"Record {self._anchor.count} is not the one that was noted."
            self._find(Fault.ANCHOR, "the log", text)
        return verdict

    def _compare(self, place: str, record: dict[str, Any], before: Link) -> None:
        number = record["n"]
        if number <= before.count:
            self._find(Fault.OUT_OF_ORDER, place, f"Record {number} stands behind record {before.count}.")
        elif number > before.count + 1:
            text = f"{number - before.count - 1} records between {before.count} and {number} are not there."
            self._find(Fault.MISSING, place, text)
        elif record["previous"] != before.hash:
            self._find(Fault.UNLINKED, place, f"Record {number} was not written after the record {before.count} here.")

    def _note(self, place: str, record: dict[str, Any]) -> None:
        self._link = self._verdict.end = link_of(record)
        self._verdict.records += 1
        self._verdict.until = record["time"]
        if self._head is not None and self._link.count == self._head.count:
            self._hashes[self._link.count] = self._link.hash
        if self._anchor is not None and self._link.count == self._anchor.count:
            self._hashes[self._link.count] = self._link.hash
        fields = record["fields"]
        if record["event"] == Event.SEGMENT_REMOVED and isinstance(fields.get("through"), int):
            self._removed.add(Link(fields["through"], str(fields.get("hash"))))
        if record["event"] == Event.HEAD_LOST:
            self._find(Fault.HEAD, place, "The head of the log was gone when this was written.")

    def _judge_end(self) -> None:
        verdict, head = self._verdict, self._head
        if head is None:
            if verdict.end.count > FIRST_RECORDS:
                self._find(Fault.HEAD, "the head", "The file that says how long the log is is missing or damaged.")
        elif head.count > verdict.end.count:
            text = f"The log ends with record {verdict.end.count}, but had {head.count}."
            self._find(Fault.CUT, "the end", text)
        elif self._hashes.get(head.count) != head.hash:
            self._find(Fault.HEAD, "the head", f"Record {head.count} is not the one that the head of the log names.")

    def _find(self, fault: Fault, place: str, text: str) -> None:
        self._verdict.findings.append(Finding(fault, place, text))
