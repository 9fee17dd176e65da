"""Appends records of many sizes to a journal."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

from utils.journal import Journal


def write(folder: Path, committed: Callable[[str], object]) -> None:
    journal = Journal(folder / "records.jsonl")
    for number in itertools.count():
        name = f"{os.getpid()}-{number}"
        journal.append({"name": name, "filling": "x" * (number * 7919 % 2_000)})
        committed(name)


def verify(folder: Path, committed: list[str]) -> None:
    found = [record["name"] for record in Journal(folder / "records.jsonl").read()]
    assert set(committed) <= set(found), set(committed) - set(found)
    assert len(found) == len(set(found))
