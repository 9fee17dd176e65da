"""What a session hears and answers, for the log; the words themselves only where they are allowed there."""

from __future__ import annotations

import logging

from modules.turn.events import ReplyEnded, SessionEvent, UserText
from utils.discretion import log_words

log = logging.getLogger(__name__)


def log_event_words(event: SessionEvent) -> None:
    """Log what the user said, once that is final, and what was answered."""
    match event:
        case UserText(final=True):
            log_words(log, "typed" if event.typed else "heard", event.text)
        case ReplyEnded():
            log_words(log, "answered", event.text)
        case _:
            pass
