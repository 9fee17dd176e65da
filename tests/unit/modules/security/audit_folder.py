"""An audit log to be tampered with, line by line."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from modules.security.audit import AuditLog
from modules.security.audit_check import verify
from modules.security.chain import digest


class Tampered:
    """A log with so many records, the first of which says that the log begins.

    Args:
        folder: Where it is written.
        records: How many.
        segment_bytes: Size of a segment.
        segments_kept: How many of them are kept.
    """

    def __init__(
        self, folder: Path, records: int = 10, *, segment_bytes: int = 1_000_000, segments_kept: int = 20
    ) -> None:
        seconds = count()
        self.folder = folder
        self.log = AuditLog(
            folder,
            segment_bytes=segment_bytes,
            segments_kept=segments_kept,
            time=lambda: f"2026-01-01T00:00:{next(seconds):02}.000000Z",
        )
        for number in range(2, records + 1):
            self.log.record("started", number=number)

    @property
    def segments(self) -> list[Path]:
        return sorted(self.folder.glob("audit-*.jsonl"))

    @property
    def head(self) -> Path:
        return self.folder / "head.json"

    def lines(self, segment: int = 0) -> list[bytes]:
        return self.segments[segment].read_bytes().splitlines(keepends=True)

    def replace(self, lines: list[bytes], segment: int = 0) -> None:
        self.segments[segment].write_bytes(b"".join(lines))

    def edit(self, line: int, change: Callable[[dict[str, Any]], object], *, rehash: bool = False) -> None:
        """Change one record; with a new hash for it, if the forger knows how."""
        lines = self.lines()
        record = json.loads(lines[line])
        change(record)
        if rehash:
            record["hash"] = digest(record)
        lines[line] = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        self.replace(lines)

    def faults(self) -> list[str]:
        return [finding.fault.value for finding in verify(self.folder).findings]

    def places(self) -> list[str]:
        return [finding.place for finding in verify(self.folder).findings]
