"""What can go wrong with a language model server, in words for the user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from modules.llm.base import LanguageModelError
from modules.network.retries import retry_after

_DETAIL_LENGTH = 200
"""Characters of the server's own words that are passed on."""


class ServerError(LanguageModelError):
    """A failure of the server or of the way to it.

    Attributes:
        retry_after: Seconds that the server asks to wait before another try; None if it does not say.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False, retry_after: float | None = None) -> None:
        super().__init__(code, message, retryable=retryable)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Explainer:
    """Turns failures into sentences that name the server and never the key."""

    server: str
    """The server's address without credentials."""
    secret: str | None = field(repr=False)
    """Taken out of everything that the server says."""

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

    def timed_out(self, seconds: float) -> ServerError:
        """A server that was silent for so long."""
        return ServerError(
            "timed-out",
            f"The language model server at {self.server} did not answer within {round(seconds, 1):g} seconds.",
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
                retry_after=retry_after(headers.get("retry-after")),
            )
        if status >= 500:
            return ServerError(
                "server-failed",
                f"The language model server at {self.server} failed ({status}){detail}. Ask again, or look at its log.",
                retryable=True,
                retry_after=retry_after(headers.get("retry-after")),
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
