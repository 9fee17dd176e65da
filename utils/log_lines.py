"""What a record of the log looks like: a line of JSON in the file, a sentence on the console."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

from utils.discretion import WITHHELD, redacted, words_allowed
from utils.tracebacks import render
from utils.turn_context import present_turn

FLOORS = ("arvis", "modules", "config", "utils")
"""The loggers of our own; what they say follows our rules."""

_OF_FORMATTERS = ("message", "asctime", "_record", "_from_structlog")
"""What formatters, those of others too, add to a record."""


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, event, thread; turn, trace and error where there are any.

    What a record of our own carries as `extra` is in it too. Structlog is imported with the first record.
    """

    _lines: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line, without its end."""
        if self._lines is None:
            self._lines = _structlog_formatter()
        plain = logging.makeLogRecord(record.__dict__)
        plain.msg, plain.args = message(record), ()
        return self._lines.format(plain)


class ConsoleLines(logging.Formatter):
    """A sentence a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line, without its end."""
        where = "" if _is_ours(record) else f"{record.name}: "
        return f"arvis: {where}{redacted(message(record))}"


def message(record: logging.LogRecord) -> str:
    """What a record says. Of others' records only what stands in their program, as the rest may be words."""
    if words_allowed() or _is_ours(record):
        return record.getMessage()
    template = record.msg if record.args and isinstance(record.msg, str) else WITHHELD
    return f"{template} [{record.module}:{record.lineno}]"


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in FLOORS


def _structlog_formatter() -> logging.Formatter:
    from structlog import processors, stdlib

    return stdlib.ProcessorFormatter(
        foreign_pre_chain=[stdlib.ExtraAdder(), _fields],
        processors=[
            _without_secrets,
            processors.JSONRenderer(ensure_ascii=False, separators=(",", ":")),
        ],
    )


def _fields(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record: logging.LogRecord = event["_record"]
    turn = present_turn()
    fields: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": record.getMessage(),  # what it carries may have another one
        "thread": record.threadName,
    }
    if turn.turn_id is not None:
        fields["turn"] = turn.turn_id
    if turn.trace_id:
        fields["trace"] = turn.trace_id
    exc_info = event.pop("exc_info", None)
    if exc_info and exc_info[1] is not None:
        fields["error"] = render(exc_info[1])
    if not (words_allowed() or _is_ours(record)):
        return fields
    return fields | {name: value for name, value in event.items() if name not in fields and name not in _OF_FORMATTERS}


def _without_secrets(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    clean = redacted(event)
    assert isinstance(clean, dict)
    return clean
