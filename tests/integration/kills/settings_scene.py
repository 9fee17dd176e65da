"""Writes two settings at a time and resets others, in a file that begins as one of the first version."""

from __future__ import annotations

import itertools
import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import tomlkit

from config.backups import KEPT, backups
from config.schema import keys
from config.validation import is_valid
from config.writer import change, reset
from utils.files import write_atomic

OLD = "# Mine.\n[talk]\ndebounce = 0.6 # I speak slowly\n\n# The mind.\n[llm]\ntemperature = 1\n"
REMARKS = ("# Mine.", "# I speak slowly", "# The mind.")

# What is slow the first time is done once, instead of in each process.
assert is_valid(keys()["llm.model"], tomlkit.item("x").unwrap())


def write(folder: Path, committed: Callable[[str], object]) -> None:
    path = folder / "config.toml"
    if not path.exists():
        write_atomic(path, OLD.encode())
    for number in itertools.count():
        text = f"{os.getpid()}-{number} {'x' * (number * 7919 % 2_000)}"
        change(path, {"llm.model": text, "tts.voice": text, "audio.input_device": text})
        committed(f"{os.getpid()}-{number}")
        reset(path, ["audio"])


def verify(folder: Path, committed: list[str]) -> None:
    path = folder / "config.toml"
    text = path.read_text()
    found = tomllib.loads(text)
    assert all(remark in text for remark in REMARKS), text
    assert (found["version"], found["talk"]) == (2, {"debounce_seconds": 0.6})
    assert found["llm"] == {"temperature": 1, "model": found["tts"]["voice"]}

    # The last change that was committed, or the next one, of which the process did not live to tell.
    process, _, number = committed[-1].partition("-")
    told, next_one = committed[-1], f"{process}-{int(number) + 1}"
    assert found["tts"]["voice"].split()[0] in (told, next_one), (found["tts"]["voice"], told)
    assert found.get("audio", {}).get("input_device") in (None, found["tts"]["voice"])

    # One more than are kept may be there, when the process died before it removed the oldest one.
    kept = backups(path)
    assert len(kept) <= KEPT + 1
    for backup in kept:
        tomllib.loads(backup.path.read_text())
