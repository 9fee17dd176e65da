"""What the turn machine wants done."""

from __future__ import annotations

from dataclasses import dataclass

from modules.turn.state import Overlap, Phase


@dataclass(frozen=True, slots=True)
class StartListening:
    """Open the microphone and transcribe what comes."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class FinishListening:
    """Close the microphone, finish the transcript and report it with `TranscriptReady`."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class OpenUtterance:
    """Transcribe what the open microphone hears, from shortly before the onset of speech."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class AdoptUtterance:
    """The words that were spoken over the last reply are the utterance of this turn, and it goes on."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class SettleUtterance:
    """Report the transcript so far with `TranscriptReady`; the microphone stays open and the utterance may go on."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class ReopenUtterance:
    """The utterance goes on under this revision; what is said now is merged with what was said before."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class CloseUtterance:
    """The utterance is over for good: its reply is being given."""

    turn_id: int


@dataclass(frozen=True, slots=True)
class CancelListening:
    """Drop the utterance; close the microphone if it was opened for it."""

    turn_id: int


@dataclass(frozen=True, slots=True)
class StartReply:
    """Answer this text."""

    turn_id: int
    revision: int
    text: str
    held: bool = False
    """Begin, but give nothing of it to the user, store nothing and do nothing else that could not be undone."""


@dataclass(frozen=True, slots=True)
class ReleaseReply:
    """Give out the reply that was held back."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class DropReply:
    """Withdraw the reply: nobody has heard any of it, and nothing of it is kept."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class SetOverlap:
    """Play the reply softer, hold it, or play on as before."""

    turn_id: int
    overlap: Overlap


@dataclass(frozen=True, slots=True)
class EndReply:
    """The reply is over. When interrupted: end playback, synthesis and generation, and keep only what was heard."""

    turn_id: int
    revision: int
    interrupted: bool
    continued: bool = False
    """Whether the user interrupted it by speaking on: if nothing was heard of it, both utterances belong together."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Say one sentence to the user, outside the conversation."""

    turn_id: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Log an event that means nothing in the present phase."""

    event: str
    phase: Phase


Effect = (
    StartListening
    | FinishListening
    | OpenUtterance
    | AdoptUtterance
    | SettleUtterance
    | ReopenUtterance
    | CloseUtterance
    | CancelListening
    | StartReply
    | ReleaseReply
    | DropReply
    | SetOverlap
    | EndReply
    | Tell
    | Refuse
)
