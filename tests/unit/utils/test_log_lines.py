from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from utils.discretion import allow_words, forget_secrets, redact
from utils.log_lines import ConsoleLines, JsonLines
from utils.turn_context import bind_turn

WORDS = "open the doors"


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    allow_words(False)
    forget_secrets()
    bind_turn(None)


def record(name: str, message: object, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.getLogger(name).makeRecord(
        name, logging.WARNING, "/src/library.py", 17, message, args, None, extra=extra
    )
    made.created = 1_700_000_000.25
    return made


def line(made: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(JsonLines().format(made))
    return found


def test_a_line_says_when_who_and_what() -> None:
    assert line(record("modules.stt.base", "%d of %s", 3, "ö\n")) == {
        "time": "2023-11-14T22:13:20.250+00:00",
        "level": "warning",
        "logger": "modules.stt.base",
        "event": "3 of ö\n",
        "thread": "MainThread",
    }
    assert "\n" not in JsonLines().format(record("arvis", "two\nlines"))


def test_a_line_has_the_turn_and_its_trace() -> None:
    bind_turn(7, "ab" * 16)
    found = line(record("arvis", "x"))
    assert (found["turn"], found["trace"]) == (7, "ab" * 16)
    bind_turn(8)
    assert "trace" not in line(record("arvis", "x"))


def test_what_a_record_carries_is_in_the_line_without_secrets() -> None:
    redact("hunter2")
    found = line(record("arvis", "key hunter2", api_key="sk", device="hunter2 mic", count=3, event="not this"))
    assert found["event"] == "key [redacted]"
    assert (found["api_key"], found["device"], found["count"]) == ("[redacted]", "[redacted] mic", 3)


def test_what_the_record_of_another_library_carries_is_not_told() -> None:
    made = record("httpx", "x", body=WORDS)
    logging.Formatter().format(made)  # as another handler may have done: it adds the message to the record
    assert WORDS not in JsonLines().format(made)
    assert set(line(made)) == {"time", "level", "logger", "event", "thread"}
    ours = record("arvis", "x %s", "y", n=3)
    logging.Formatter("%(asctime)s").format(ours)
    assert set(line(ours)) == {"time", "level", "logger", "event", "thread", "n"}


def test_an_exception_is_in_the_line_without_what_it_says() -> None:
    try:
        raise ValueError(WORDS)
    except ValueError:
        made = record("arvis", "a turn")
        made.exc_info = sys.exc_info()
    found = line(made)
    assert found["error"].startswith("Traceback (most recent call last):")
    assert found["error"].endswith("ValueError: (withheld)")
    assert WORDS not in JsonLines().format(made)
    made.exc_info = (None, None, None)
    assert "error" not in line(made)


@pytest.mark.parametrize(
    ("message", "args", "told"),
    [
        ("POST %s failed", ("open the doors",), "POST %s failed [library:17]"),
        ("Task got open the doors", (), "(withheld) [library:17]"),
        (ValueError("open the doors"), (), "(withheld) [library:17]"),
    ],
)
def test_of_other_libraries_only_what_stands_in_their_program_is_told(
    message: object, args: tuple[object, ...], told: str
) -> None:
    made = record("httpx", message, *args)
    assert line(made)["event"] == told
    assert ConsoleLines().format(made) == f"arvis: httpx: {told}"
    allow_words()
    assert "open the doors" in line(made)["event"]


def test_the_console_gets_a_sentence_without_secrets() -> None:
    redact("hunter2")
    assert ConsoleLines().format(record("modules.llm", "key %s", "hunter2")) == "arvis: key [redacted]"
