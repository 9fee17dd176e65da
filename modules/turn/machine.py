"""The turn machine: `step(state, event, now) -> (state, effects)`, and nothing else.

It has no clock, no thread, no device and no engine. The session feeds events in and carries the effects out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

HISTORY_LENGTH = 32
"""How many of the last transitions a state remembers."""


class Phase(StrEnum):
    """Where a turn stands."""

    IDLE = "idle"
    """Nothing is going on."""
    LISTENING = "listening"
    """The user speaks."""
    SPECULATIVE = "speculative"
    """The user has probably finished; nothing may be said, stored or executed yet."""
    COMMITTED = "committed"
    """The user has finished; the answer is being made."""
    SPEAKING = "speaking"
    """The answer is being heard."""


ALLOWED: dict[Phase, frozenset[Phase]] = {
    Phase.IDLE: frozenset({Phase.LISTENING, Phase.COMMITTED}),
    Phase.LISTENING: frozenset({Phase.SPECULATIVE, Phase.IDLE}),
    Phase.SPECULATIVE: frozenset({Phase.LISTENING, Phase.COMMITTED, Phase.IDLE}),
    Phase.COMMITTED: frozenset({Phase.SPEAKING, Phase.IDLE}),
    Phase.SPEAKING: frozenset({Phase.IDLE}),
}
"""The transitions that exist; a new turn that interrupts an old one passes through IDLE."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of phase."""

    before: Phase
    after: Phase
    turn_id: int
    cause: str
    """Name of the event."""
    time: float
    """Monotonic seconds."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything the machine knows."""

    phase: Phase = Phase.IDLE
    turn_id: int = 0
    """The current or last turn; 0 before the first."""
    revision: int = 0
    """Counts how often the utterance of this turn was reopened."""
    replying: bool = False
    """Whether a reply was started for this turn and not yet ended."""
    history: tuple[Transition, ...] = ()
    """The last transitions, oldest first."""


# --- events -----------------------------------------------------------------------------------------------------


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
class SpeechResumed:
    """The user goes on speaking after a likely end."""

    turn_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class TranscriptReady:
    """The final transcript of the utterance; empty when nobody spoke."""

    turn_id: int
    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class ReplyAudible:
    """The first sound of the reply was handed to the speaker."""

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


Event = (
    TalkPressed
    | TalkReleased
    | TextSubmitted
    | StopRequested
    | EndLikely
    | EndConfirmed
    | SpeechResumed
    | TranscriptReady
    | ReplyAudible
    | ReplyFinished
    | TurnFailed
)
Stamped = EndLikely | EndConfirmed | SpeechResumed | TranscriptReady | ReplyAudible | ReplyFinished | TurnFailed
"""Events that belong to one revision of one turn; they are dropped when it is no longer the current one."""


# --- effects ----------------------------------------------------------------------------------------------------


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
class CancelListening:
    """Close the microphone and drop the utterance."""

    turn_id: int


@dataclass(frozen=True, slots=True)
class StartReply:
    """Answer this text."""

    turn_id: int
    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class EndReply:
    """The reply is over. When interrupted: end playback, synthesis and generation, and keep only what was heard."""

    turn_id: int
    revision: int
    interrupted: bool


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


Effect = StartListening | FinishListening | CancelListening | StartReply | EndReply | Tell | Refuse
Step = tuple[State, list[Effect]]

NOTHING_HEARD = "I did not hear anything."
_NOTHING_TYPED = "There is nothing to answer: the text is empty."


class ForbiddenTransition(Exception):  # it is a mistake in this file, never a user's
    """A rule of the machine tried a transition that `ALLOWED` does not have."""


def step(state: State, event: Event, now: float) -> Step:
    """Take one event: return the next state and what is to be done.

    Args:
        state: The present state.
        event: What happened. Events of a turn or revision that is no longer current change nothing.
        now: Monotonic time in seconds, for the history only.
    """
    if isinstance(event, Stamped) and (event.turn_id, event.revision) != (state.turn_id, state.revision):
        return state, []
    following, effects = _RULES[type(event)](state, event, now)
    return following, effects


def _enter(state: State, phase: Phase, event: Event, now: float) -> State:
    if phase not in ALLOWED[state.phase]:
        raise ForbiddenTransition(f"{state.phase} -> {phase} on {type(event).__name__}")
    made = Transition(state.phase, phase, state.turn_id, type(event).__name__, now)
    replying = state.replying and phase is not Phase.IDLE
    return replace(state, phase=phase, replying=replying, history=(*state.history, made)[-HISTORY_LENGTH:])


def _refuse(state: State, event: Event) -> Step:
    return state, [Refuse(type(event).__name__, state.phase)]


def _leave(state: State, event: Event, now: float) -> Step:
    """End whatever is going on and be idle."""
    if state.phase is Phase.IDLE:
        return state, []
    effects: list[Effect] = []
    if state.phase is Phase.LISTENING or not state.replying:
        effects.append(CancelListening(state.turn_id))
    if state.replying:
        effects.append(EndReply(state.turn_id, state.revision, interrupted=True))
    return _enter(state, Phase.IDLE, event, now), effects


def _next_turn(state: State) -> State:
    return replace(state, turn_id=state.turn_id + 1, revision=0, replying=False)


def _talk_pressed(state: State, event: Event, now: float) -> Step:
    if state.phase is Phase.LISTENING:
        return _refuse(state, event)
    state, effects = _leave(state, event, now)
    state = _enter(_next_turn(state), Phase.LISTENING, event, now)
    return state, [*effects, StartListening(state.turn_id, state.revision)]


def _talk_released(state: State, event: Event, now: float) -> Step:
    if state.phase is not Phase.LISTENING:
        return _refuse(state, event)
    # Letting go is a certain end, so SPECULATIVE is passed straight through.
    state = _enter(_enter(state, Phase.SPECULATIVE, event, now), Phase.COMMITTED, event, now)
    return state, [FinishListening(state.turn_id, state.revision)]


def _text_submitted(state: State, event: Event, now: float) -> Step:
    assert isinstance(event, TextSubmitted)
    text = event.text.strip()
    if not text:
        return state, [Tell(state.turn_id, "empty-text", _NOTHING_TYPED)]
    state, effects = _leave(state, event, now)
    state = replace(_enter(_next_turn(state), Phase.COMMITTED, event, now), replying=True)
    return state, [*effects, StartReply(state.turn_id, state.revision, text)]


def _end_likely(state: State, event: Event, now: float) -> Step:
    if state.phase is not Phase.LISTENING:
        return _refuse(state, event)
    return _enter(state, Phase.SPECULATIVE, event, now), []


def _end_confirmed(state: State, event: Event, now: float) -> Step:
    if state.phase is not Phase.SPECULATIVE:
        return _refuse(state, event)
    state = _enter(state, Phase.COMMITTED, event, now)
    return state, [FinishListening(state.turn_id, state.revision)]


def _speech_resumed(state: State, event: Event, now: float) -> Step:
    if state.phase is not Phase.SPECULATIVE:
        return _refuse(state, event)
    return replace(_enter(state, Phase.LISTENING, event, now), revision=state.revision + 1), []


def _transcript_ready(state: State, event: Event, now: float) -> Step:
    assert isinstance(event, TranscriptReady)
    if state.phase is not Phase.COMMITTED or state.replying:
        return _refuse(state, event)
    text = event.text.strip()
    if not text:
        return _enter(state, Phase.IDLE, event, now), [Tell(state.turn_id, "nothing-heard", NOTHING_HEARD)]
    return replace(state, replying=True), [StartReply(state.turn_id, state.revision, text)]


def _reply_audible(state: State, event: Event, now: float) -> Step:
    if state.phase is not Phase.COMMITTED or not state.replying:
        return _refuse(state, event)
    return _enter(state, Phase.SPEAKING, event, now), []


def _reply_finished(state: State, event: Event, now: float) -> Step:
    if not state.replying:
        return _refuse(state, event)
    ended = EndReply(state.turn_id, state.revision, interrupted=False)
    return _enter(state, Phase.IDLE, event, now), [ended]


def _turn_failed(state: State, event: Event, now: float) -> Step:
    assert isinstance(event, TurnFailed)
    turn_id = state.turn_id
    if state.phase is Phase.IDLE:
        return _refuse(state, event)
    state, effects = _leave(state, event, now)
    return state, [*effects, Tell(turn_id, event.code, event.message)]


_RULES: dict[type[Event], Callable[[State, Event, float], Step]] = {
    TalkPressed: _talk_pressed,
    TalkReleased: _talk_released,
    TextSubmitted: _text_submitted,
    StopRequested: _leave,
    EndLikely: _end_likely,
    EndConfirmed: _end_confirmed,
    SpeechResumed: _speech_resumed,
    TranscriptReady: _transcript_ready,
    ReplyAudible: _reply_audible,
    ReplyFinished: _reply_finished,
    TurnFailed: _turn_failed,
}
