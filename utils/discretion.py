"""What must not be written down: the words of a conversation, and secrets.

Whoever wants to see words in the log says so with a switch for the whole process; without it only their number is
logged. What a library says when it fails may quote what it was given, so that is treated as words too.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence

WITHHELD = "(withheld)"
REDACTED = "[redacted]"
SHORTEST_SECRET = 4
"""Characters; anything shorter would be found everywhere."""

_SECRET_NAME = re.compile(
    r"(^|[^a-z])(api_?key|access_?key|private_?key|token|authorization|auth|password|passphrase|secret|cookie)$"
)
_SECRET_TEXT = re.compile(
    r"""(?ix) (?P<name> \b (?:proxy-)?authorization \b ["']? \s* [:=] \s* ["']? (?:(?:bearer|basic)\s+)?
          | \b (?:api[_-]?key|(?:access[_-])?token|password|passphrase|secret) \b ["']? \s* [:=] \s* ["']?
          | \b bearer \s+ )
        (?P<value> [^\s"',;&]+ )"""
)


class _Switch:
    """Whether words may be written; one for the process."""

    on = False


_secrets: set[str] = set()


def allow_words(allowed: bool = True) -> None:
    """Let words be written to the log, or no longer."""
    _Switch.on = allowed


def words_allowed() -> bool:
    """Whether words may be written to the log."""
    return _Switch.on


def log_words(logger: logging.Logger, what: str, text: str) -> None:
    """Log what was said: its words where they are allowed (as information), else how many there are (for debugging).

    Args:
        logger: Of the caller.
        what: Whose words they are, for example "heard".
        text: The words.
    """
    if _Switch.on:
        logger.info("%s: %s", what, text)
    else:
        logger.debug("%s: %d words", what, len(text.split()))


def outline(text: str) -> str:
    """A sentence without what follows its first colon: there stands what a library said, if anything.

    Sentences for the user are put together like that: "The speech recognition failed: tensor of 'hello' is ...".
    """
    head, colon, _ = text.partition(": ")
    return f"{head}." if colon else text


def redact(value: str) -> None:
    """Have this secret taken out of everything that is logged from now on; one that is very short is not looked for."""
    if len(value) >= SHORTEST_SECRET:
        _secrets.add(value)


def forget_secrets() -> None:
    """Look for no secret any more that `redact` was given."""
    _secrets.clear()


def redacted(value: object) -> object:
    """The same without secrets: those that `redact` was given, and whatever is named or introduced as one."""
    if isinstance(value, str):
        return _redacted_text(value)
    if isinstance(value, Mapping):
        return {name: REDACTED if _is_secret(name) else redacted(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [redacted(item) for item in value]
    return value if isinstance(value, bool | int | float | None) else _redacted_text(str(value))


def _redacted_text(text: str) -> str:
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    return _SECRET_TEXT.sub(lambda match: match["name"] + REDACTED, text)


def _is_secret(name: object) -> bool:
    return _SECRET_NAME.search(str(name).lower().replace("-", "_")) is not None
