"""What can happen to a turn: the events of the turn machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TalkPressed:
    """The user holds the key or the button."""


@dataclass(frozen=True, slots=True)
class TalkReleased:
    """The user lets go: the utterance is over."""


@dataclass(frozen=True, slots=True)
class TextSubmitted:
    """The user typed instead of speaking."""

    text: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The user wants silence, now."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody speaks into the open microphone: a new utterance, or more of the one that seemed to be over."""


@dataclass(frozen=True, slots=True)
class EndLikely:
    """The user has probably finished speaking."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class EndConfirmed:
    """The user has finished speaking."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class OverlapStarted:
    """There may be speech over the reply."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class OverlapSustained:
    """There is speech over the reply; it is not known yet whether it is meant for the assistant."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class OverlapDismissed:
    """It was a noise, the reply's own echo, or a word that only says "I am listening"."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class InterruptionConfirmed:
    """The user speaks over the reply and means it; the words since the onset are the next turn."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class TranscriptReady:
    """The transcript of the utterance, final unless it is reopened; empty when nobody spoke."""

    turn_id: int
    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class ReplyAudible:
    """The first sound of the reply was handed to the speaker."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class ReplyShown:
    """The first words of a reply that is not spoken were shown."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """All of the reply was given."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """A stage failed; the message is for the user."""

    turn_id: int
    revision: int
    code: str
    message: str


Stamped = (
    EndLikely
    | EndConfirmed
    | OverlapStarted
    | OverlapSustained
    | OverlapDismissed
    | InterruptionConfirmed
    | TranscriptReady
    | ReplyAudible
    | ReplyShown
    | ReplyFinished
    | TurnFailed
)
"""Events that belong to one revision of one turn; they are dropped when it is no longer the current one."""
Event = TalkPressed | TalkReleased | TextSubmitted | StopRequested | SpeechStarted | Stamped
