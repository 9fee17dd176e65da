"""What there is to tell, how important it is, and where it can be told."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum

from utils.errors import ArvisError

_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)")
_DIGITS = re.compile(r"\d+")


class NotificationError(ArvisError):
    """A notification, or a rule about them, means nothing."""

    stage = "notifications"


class Priority(IntEnum):
    """How important a notification is; the numbers are those of the levels of `logging`."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    CRITICAL = 50

    @property
    def label(self) -> str:
        """Its name in settings and files."""
        return self.name.lower()


class Channel(StrEnum):
    """A way to tell it."""

    UI = "ui"
    """The window, and the desktop's own notifications."""
    TTS = "tts"
    """Spoken."""
    AUDIO = "audio"
    """A short sound."""
    LOG = "log"
    AUDIT = "audit"


class Held(StrEnum):
    """Why nothing may pop up, sound or speak for a notification."""

    QUIET = "quiet"
    """It is quiet hours."""
    RATE = "rate"
    """Enough was told within this minute."""
    REPEATED = "repeated"
    """The same was told a moment ago."""


@dataclass(frozen=True, slots=True)
class Notification:
    """Something to tell the user."""

    code: str
    """What happened, stable and machine-readable, for example "microphone-lost"."""
    text: str
    """One sentence or two, with what to do next. What a library said may stand behind a colon, and nowhere else."""
    priority: Priority
    source: str
    """The part of Arvis that tells it, for example "turn"."""
    details: str | None = None
    """More for who wants to know; shown, but never spoken, logged or kept."""
    turn_id: int | None = None
    keep_text: bool = False
    """Whether all of `text` may be kept and logged. Otherwise what follows its first colon is left out there, since a
    library may quote in it what the user said."""

    @property
    def likeness(self) -> tuple[str, str, str]:
        """Notifications with the same one tell the same thing; they may differ in numbers."""
        return self.code, self.source, _DIGITS.sub("0", self.text)


@dataclass(frozen=True, slots=True)
class Entry:
    """A notification as it was told, once or several times."""

    notification: Notification
    first: datetime
    """With a time zone, as is `last`."""
    last: datetime
    count: int = 1
    acknowledged: bool = False
    id: str = field(default_factory=lambda: os.urandom(5).hex())

    @property
    def sentence(self) -> str:
        """The text, with how often it was told at the end of its first sentence."""
        text = self.notification.text
        if self.count == 1:
            return text
        end = _SENTENCE_END.search(text)
        at = end.start() if end else len(text)
        return f"{text[:at]} ({self.count} times){text[at:]}"

    def again(self, notification: Notification, at: datetime) -> Entry:
        """The same, told once more, with the newer text."""
        return replace(self, notification=notification, last=at, count=self.count + 1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a front end gets."""

    entry: Entry
    held: Held | None = None
    """None when it may pop up; otherwise it is for a list that the user looks at by himself."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the history."""

    unread: int
    acknowledged: tuple[str, ...] = ()
    """Ids of entries that the user has seen now; whoever still shows them takes them away."""
