"""Appends to an audit log that is rotated often; its chain must hold whatever the moment."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

from modules.security.audit import AuditLog
from modules.security.audit_check import verify as check


def write(folder: Path, committed: Callable[[str], object]) -> None:
    log = AuditLog(folder, segment_bytes=20_000, segments_kept=100_000)
    for number in itertools.count():
        name = f"{os.getpid()}-{number}"
        log.record("started", name=name)
        committed(name)


def verify(folder: Path, committed: list[str]) -> None:
    verdict = check(folder)
    assert verdict.genuine, verdict.findings
    found = [record["fields"].get("name") for record in AuditLog(folder).read()]
    assert set(committed) <= set(found), set(committed) - set(found)
    assert len(found) == len(set(found)) == verdict.end.count
