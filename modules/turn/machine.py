"""The turn machine: `step(state, event, now) -> (state, effects)`, and nothing else.

It has no clock, no thread, no device and no engine. The session feeds events in and carries the effects out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from modules.turn.effects import (
    AdoptUtterance,
    CancelListening,
    CloseUtterance,
    DropReply,
    Effect,
    EndReply,
    FinishListening,
    OpenUtterance,
    Refuse,
    ReleaseReply,
    ReopenUtterance,
    SetOverlap,
    SettleUtterance,
    StartListening,
    StartReply,
    Tell,
)
from modules.turn.inputs import (
    EndConfirmed,
    EndLikely,
    Event,
    InterruptionConfirmed,
    OverlapDismissed,
    OverlapStarted,
    OverlapSustained,
    ReplyAudible,
    ReplyFinished,
    ReplyShown,
    SpeechStarted,
    Stamped,
    StopRequested,
    TalkPressed,
    TalkReleased,
    TextSubmitted,
    TranscriptReady,
    TurnFailed,
)
from modules.turn.state import ALLOWED, HISTORY_LENGTH, Overlap, Phase, State, Transition

__all__ = [
    "ALLOWED",
    "HISTORY_LENGTH",
    "ForbiddenTransition",
    "Overlap",
    "Phase",
    "State",
    "Step",
    "Transition",
    "step",
]

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
    return _RULES[type(event)](state, event, now)


def _enter(state: State, phase: Phase, event: Event, now: float) -> State:
    if phase not in ALLOWED[state.phase]:
        raise ForbiddenTransition(f"{state.phase} -> {phase} on {type(event).__name__}")
    made = Transition(state.phase, phase, state.turn_id, state.revision, type(event).__name__, now)
    ends_reply = phase in (Phase.IDLE, Phase.LISTENING)
    return replace(
        state,
        phase=phase,
        replying=state.replying and not ends_reply,
        given=state.given and not ends_reply,
        overlap=Overlap.NONE,
        history=(*state.history, made)[-HISTORY_LENGTH:],
    )


def _refuse(state: State, event: Event) -> Step:
    return state, [Refuse(type(event).__name__, state.phase)]


def _leave(state: State, event: Event, now: float) -> Step:
    """End whatever is going on and be idle."""
    if state.phase is Phase.IDLE:
        return state, []
    effects: list[Effect] = []
    if not state.replying or (state.hands_free and not state.given):
        effects.append(CancelListening(state.turn_id))
    if state.replying:
        held = state.phase is Phase.SPECULATIVE
        effects.append(
            DropReply(state.turn_id, state.revision)
            if held
            else EndReply(state.turn_id, state.revision, interrupted=True)
        )
    return _enter(state, Phase.IDLE, event, now), effects


def _next_turn(state: State, *, hands_free: bool = False) -> State:
    return replace(state, turn_id=state.turn_id + 1, revision=0, hands_free=hands_free)


def _talk_pressed(state: State, event: Event, now: float) -> Step:
    if state.phase is Phase.LISTENING and not state.hands_free:
        return _refuse(state, event)
    state, effects = _leave(state, event, now)
    state = _enter(_next_turn(state), Phase.LISTENING, event, now)
    return state, [*effects, StartListening(state.turn_id, state.revision)]


def _talk_released(state: State, event: Event, now: float) -> Step:
    if state.phase is not Phase.LISTENING or state.hands_free:
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


def _speech_started(state: State, event: Event, now: float) -> Step:
    if state.phase is Phase.LISTENING:
        return state, []
    if state.phase is Phase.SPEAKING:  # it overlaps the reply, and has to prove itself
        return _refuse(state, event)
    if state.phase is not Phase.IDLE and state.hands_free and not state.given:
        return _reopen(state, event, now)
    state, effects = _leave(state, event, now)
    state = _enter(_next_turn(state, hands_free=True), Phase.LISTENING, event, now)
    return state, [*effects, OpenUtterance(state.turn_id, state.revision)]


def _reopen(state: State, event: Event, now: float) -> Step:
    effects: list[Effect] = [DropReply(state.turn_id, state.revision)] if state.replying else []
    state = _enter(replace(state, revision=state.revision + 1), Phase.LISTENING, event, now)
    return state, [*effects, ReopenUtterance(state.turn_id, state.revision)]


def _end_likely(state: State, event: Event, now: float) -> Step:
    if state.phase is not Phase.LISTENING or not state.hands_free:
        return _refuse(state, event)
    state = _enter(state, Phase.SPECULATIVE, event, now)
    return state, [SettleUtterance(state.turn_id, state.revision)]


def _end_confirmed(state: State, event: Event, now: float) -> Step:
    if state.phase is not Phase.SPECULATIVE:
        return _refuse(state, event)
    state = _enter(state, Phase.COMMITTED, event, now)
    return state, [ReleaseReply(state.turn_id, state.revision)] if state.replying else []


def _transcript_ready(state: State, event: Event, now: float) -> Step:
    assert isinstance(event, TranscriptReady)
    if state.phase not in (Phase.SPECULATIVE, Phase.COMMITTED) or state.replying:
        return _refuse(state, event)
    text = event.text.strip()
    if text:
        held = state.phase is Phase.SPECULATIVE
        return replace(state, replying=True), [StartReply(state.turn_id, state.revision, text, held)]
    # An open microphone hears many things that are no speech, and none of them is worth a word.
    effect = CancelListening(state.turn_id) if state.hands_free else Tell(state.turn_id, "nothing-heard", NOTHING_HEARD)
    return _enter(state, Phase.IDLE, event, now), [effect]


def _reply_audible(state: State, event: Event, now: float) -> Step:
    if state.phase is not Phase.COMMITTED or not state.replying:
        return _refuse(state, event)
    return _give(_enter(state, Phase.SPEAKING, event, now))


def _reply_shown(state: State, event: Event, now: float) -> Step:
    if state.phase is not Phase.COMMITTED or not state.replying:
        return _refuse(state, event)
    return _give(state)


def _give(state: State) -> Step:
    effects: list[Effect] = [CloseUtterance(state.turn_id)] if state.hands_free and not state.given else []
    return replace(state, given=True), effects


def _overlap_started(state: State, event: Event, now: float) -> Step:
    return _overlap(state, event, Overlap.NONE, Overlap.DUCKED)


def _overlap_sustained(state: State, event: Event, now: float) -> Step:
    return _overlap(state, event, Overlap.DUCKED, Overlap.PAUSED)


def _overlap(state: State, event: Event, before: Overlap, after: Overlap) -> Step:
    if state.phase is not Phase.SPEAKING or state.overlap is not before:
        return _refuse(state, event)
    return replace(state, overlap=after), [SetOverlap(state.turn_id, after)]


def _overlap_dismissed(state: State, event: Event, now: float) -> Step:
    if state.overlap is Overlap.NONE:
        return _refuse(state, event)
    return replace(state, overlap=Overlap.NONE), [SetOverlap(state.turn_id, Overlap.NONE)]


def _interruption_confirmed(state: State, event: Event, now: float) -> Step:
    if state.overlap is Overlap.NONE:
        return _refuse(state, event)
    state, effects = _leave(state, event, now)
    effects = [replace(effect, continued=True) if isinstance(effect, EndReply) else effect for effect in effects]
    state = _enter(_next_turn(state, hands_free=True), Phase.LISTENING, event, now)
    return state, [*effects, AdoptUtterance(state.turn_id, state.revision)]


def _reply_finished(state: State, event: Event, now: float) -> Step:
    if not state.replying or state.phase is Phase.SPECULATIVE:
        return _refuse(state, event)
    effects: list[Effect] = [EndReply(state.turn_id, state.revision, interrupted=False)]
    if state.hands_free and not state.given:
        effects.insert(0, CloseUtterance(state.turn_id))
    return _enter(state, Phase.IDLE, event, now), effects


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
    SpeechStarted: _speech_started,
    EndLikely: _end_likely,
    EndConfirmed: _end_confirmed,
    OverlapStarted: _overlap_started,
    OverlapSustained: _overlap_sustained,
    OverlapDismissed: _overlap_dismissed,
    InterruptionConfirmed: _interruption_confirmed,
    TranscriptReady: _transcript_ready,
    ReplyAudible: _reply_audible,
    ReplyShown: _reply_shown,
    ReplyFinished: _reply_finished,
    TurnFailed: _turn_failed,
}
