"""Follows one turn of a session: shows it as it goes, and keeps what the end of the command needs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from arvis.cli.group import tell
from modules.notifications.words import log_event_words
from modules.turn.events import (
    EngineFailed,
    EngineReady,
    ModelMeasured,
    Notice,
    ReplyEnded,
    ReplyText,
    Role,
    SessionEvent,
    TurnMeasured,
    UserText,
)
from modules.turn.latency import LatencyRecord
from utils.errors import ArvisError


@dataclass
class TurnFollower:
    """A listener of a session that holds one turn.

    Args:
        write: Gets the text to show, in pieces; None shows nothing.
    """

    write: Callable[[str], None] | None
    transcript: str = ""
    reply: str = ""
    """The whole reply; empty when it was cut off."""
    spoken: bool = False
    latency: LatencyRecord = field(default_factory=LatencyRecord)
    model: ModelMeasured | None = None
    """How fast the language model wrote."""
    engines: dict[Role, str] = field(default_factory=dict)
    """Names of the engines that are ready."""
    failures: dict[Role, EngineFailed] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    lost: OSError | None = None
    """Standard output is gone."""
    _begun: bool = False

    def __call__(self, event: SessionEvent) -> None:
        """Take one event."""
        log_event_words(event)
        match event:
            case EngineReady(role, name):
                self.engines[role] = name
            case EngineFailed(role):
                self.failures[role] = event
            case UserText(text=text, final=True):
                self.transcript = text
                self._show(f"You:   {text}\n")
            case ReplyText(text=text):
                self._show(text if self._begun else f"Arvis: {text.lstrip()}")
                self._begun = True
            case ReplyEnded(text=text, interrupted=interrupted, spoken=spoken):
                self.reply, self.spoken = "" if interrupted else text, spoken
                self._show("\n" if self._begun else "")
            case TurnMeasured(record=record):
                self.latency = record
            case ModelMeasured():
                self.model = event
            case Notice():
                self.notices.append(event)

    def require_engine(self, role: Role) -> None:
        """Raise what an engine failed with while loading, if it did."""
        if role in self.failures:
            raise ArvisError(self.failures[role].code, self.failures[role].text)

    def require_answer(self) -> None:
        """Raise what kept the turn from being answered, if anything did; other notices go to standard error.

        Raises:
            ArvisError: The turn failed.
            OSError: Standard output was closed meanwhile.
        """
        if self.lost is not None:
            raise self.lost
        if not self.reply:
            silence = Notice("error", "no-answer", "The turn ended without an answer. Please ask again.")
            errors = [notice for notice in self.notices if notice.severity == "error"]
            reason = (errors or self.notices or [silence])[-1]
            raise ArvisError(reason.code, reason.text)
        for notice in self.notices:
            tell(notice.text)

    def _show(self, text: str) -> None:
        if self.write is None or self.lost is not None:
            return
        try:
            self.write(text)
        except OSError as error:  # must not reach the session, which would take it for a failure of the turn
            self.lost = error


def write_now(text: str) -> None:
    """Write to standard output at once."""
    sys.stdout.write(text)
    sys.stdout.flush()
