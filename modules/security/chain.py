"""Records of which each one carries the hash of the one before, so that no record can be changed alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NO_HASH = "0" * 64
"""What the first record has for the hash of the one before."""
_KEYS = frozenset({"n", "time", "event", "fields", "previous", "hash"})


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: how many records there are up to here, and the hash of the last one."""

    count: int
    hash: str


START = Link(0, NO_HASH)


def digest(record: Mapping[str, Any]) -> str:
    """SHA-256 over everything in a record but its own hash, in hex; the hash of the one before is in it."""
    content = {key: record[key] for key in record if key != "hash"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def follow(link: Link, time: str, event: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The record that comes next after `link`."""
    record = {"n": link.count + 1, "time": time, "event": event, "fields": dict(fields), "previous": link.hash}
    return {**record, "hash": digest(record)}


def link_of(record: Mapping[str, Any]) -> Link:
    """The place of a record, as it says itself."""
    return Link(record["n"], record["hash"])


def parse(line: bytes) -> dict[str, Any] | None:
    """The record in a line; None where it is not one. Whether it is genuine is another question."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or record.keys() != _KEYS:
        return None
    texts = all(isinstance(record[key], str) for key in ("time", "event", "previous", "hash"))
    number = isinstance(record["n"], int) and not isinstance(record["n"], bool)
    return record if texts and number and isinstance(record["fields"], dict) else None
