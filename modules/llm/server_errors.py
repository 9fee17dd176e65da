"""What can go wrong with a language model server, in words for the user, and what is worth another try."""

from __future__ import annotations

import email.utils
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from modules.llm.base import LanguageModelError

_DETAIL_LENGTH = 200
"""Characters of the server's own words that are passed on."""
_FIRST_BACKOFF_SECONDS = 0.5


class ServerError(LanguageModelError):
    """A failure of the server or of the way to it.

    Attributes:
        retry_after: Seconds that the server asks to wait before another try; None if it does not say.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False, retry_after: float | None = None) -> None:
        super().__init__(code, message, retryable=retryable)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is made again, by the kind of its failure. Kinds not listed are never retried."""

    rate_limited: int = 3
    """The server says that it gets too many requests (429)."""
    server_failed: int = 1
    """The server says that it failed (5xx)."""
    timed_out: int = 1
    """Nothing came in time."""
    connection_lost: int = 1
    """The connection broke before anything came."""
    longest_wait_seconds: float = 10.0
    """A server that asks for a longer wait is not asked again."""

    def wait(self, failure: ServerError, attempt: int) -> float | None:
        """Seconds to wait before trying again; None to give up.

        Args:
            failure: What happened.
            attempt: How many tries of this turn have failed in this way, 1 or more.
        """
        allowed = {
            "rate-limited": self.rate_limited,
            "server-failed": self.server_failed,
            "timed-out": self.timed_out,
            "connection-lost": self.connection_lost,
        }.get(failure.code, 0)
        if attempt > allowed:
            return None
        backoff = _FIRST_BACKOFF_SECONDS * 2 ** (attempt - 1) if failure.code == "rate-limited" else 0.0
        seconds = backoff if failure.retry_after is None else failure.retry_after
        return seconds if seconds <= self.longest_wait_seconds else None


@dataclass(frozen=True, slots=True)
class Explainer:
    """Turns failures into sentences that name the server and never the key."""

    server: str
    """The server's address without credentials."""
    secret: str | None = field(repr=False)
    """Taken out of everything that the server says."""
    timeout_seconds: float

    def transport(self, error: httpx.HTTPError) -> ServerError:
        """A request that got no answer, or not all of it."""
        if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
            return ServerError(
                "unreachable",
                f"The language model server at {self.server} cannot be reached. Start it, or check its address.",
                retryable=True,
            )
        return ServerError(
            "connection-lost",
            f"The language model server at {self.server} closed the connection. Ask again.",
            retryable=True,
        )

    def timed_out(self) -> ServerError:
        """A server that is silent for too long."""
        return ServerError(
            "timed-out",
            f"The language model server at {self.server} did not answer within {self.timeout_seconds:g} seconds.",
            retryable=True,
        )

    def status(self, status: int, headers: Mapping[str, str], body: bytes) -> ServerError:
        """An answer with a status other than 200."""
        detail = self.detail(body)
        if status in (401, 403):
            return ServerError(
                "unauthorized",
                f"The language model server at {self.server} refuses the API key ({status}). Set a valid one.",
            )
        if status == 404:
            return ServerError(
                "not-found",
                f"The language model server at {self.server} knows no such model or address (404){detail}. "
                "Check the model's name, and that the address is right (it often ends in /v1).",
            )
        if status == 429:
            return ServerError(
                "rate-limited",
                f"The language model server at {self.server} gets too many requests (429). Wait a little, then ask "
                "again.",
                retryable=True,
                retry_after=_retry_after(headers.get("retry-after")),
            )
        if status >= 500:
            return ServerError(
                "server-failed",
                f"The language model server at {self.server} failed ({status}){detail}. Ask again, or look at its log.",
                retryable=True,
                retry_after=_retry_after(headers.get("retry-after")),
            )
        return ServerError(
            "rejected", f"The language model server at {self.server} does not accept the request ({status}){detail}."
        )

    def reported(self, error: object) -> ServerError:
        """An error object inside an answer that began well."""
        return ServerError(
            "server-failed",
            f"The language model server at {self.server} failed{self._quote(_words(error))}. Ask again.",
            retryable=True,
        )

    def unreadable(self) -> ServerError:
        """An answer that is no chat completion."""
        return ServerError(
            "unreadable",
            f"The answer of {self.server} is not that of an OpenAI-compatible server. "
            "Check the address (it often ends in /v1).",
        )

    def cut_short(self) -> ServerError:
        """A stream that ended without saying so."""
        return ServerError(
            "connection-lost",
            f"The language model server at {self.server} stopped before its answer was complete. Ask again.",
            retryable=True,
        )

    def incomplete(self, cause: ServerError) -> ServerError:
        """A failure after a part of the answer was already given."""
        reason = cause.message[:1].lower() + cause.message[1:]
        return ServerError("incomplete", f"The answer is incomplete: {reason}", retryable=cause.retryable)

    def detail(self, body: bytes) -> str:
        """The server's own words from an error answer, as the end of a sentence; empty if it has none."""
        try:
            found = json.loads(body)
        except ValueError:
            return ""
        return self._quote(_words(found.get("error", found.get("detail")) if isinstance(found, dict) else None))

    def _quote(self, words: str) -> str:
        if self.secret:
            words = words.replace(self.secret, "***")
        words = " ".join(words.split())
        if len(words) > _DETAIL_LENGTH:
            words = words[:_DETAIL_LENGTH].rstrip() + "…"
        return f": {words.rstrip('.')}" if words else ""


def _words(error: Any) -> str:
    if isinstance(error, dict):
        error = error.get("message")
    return error if isinstance(error, str) else ""


def _retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header, which has seconds or a date; None if it is absent or neither."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        date = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (date - datetime.now(UTC)).total_seconds()) if date.tzinfo else None
