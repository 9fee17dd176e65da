"""Every rule of turn-taking, and thousands of event sequences thrown at the invariants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.turn import machine
from modules.turn.machine import (
    ALLOWED,
    HISTORY_LENGTH,
    NOTHING_HEARD,
    CancelListening,
    Effect,
    EndConfirmed,
    EndLikely,
    EndReply,
    Event,
    FinishListening,
    Phase,
    Refuse,
    ReplyAudible,
    ReplyFinished,
    SpeechResumed,
    StartListening,
    StartReply,
    State,
    StopRequested,
    TalkPressed,
    TalkReleased,
    Tell,
    TextSubmitted,
    TranscriptReady,
    TurnFailed,
    step,
)

IDLE = State()
LISTENING = State(Phase.LISTENING, turn_id=1)
SPECULATIVE = State(Phase.SPECULATIVE, turn_id=1)
WAITING = State(Phase.COMMITTED, turn_id=1)
ANSWERING = State(Phase.COMMITTED, turn_id=1, replying=True)
SPEAKING = State(Phase.SPEAKING, turn_id=1, replying=True)

CUT = EndReply(1, 0, interrupted=True)
DONE = EndReply(1, 0, interrupted=False)
FAILED = TurnFailed(1, 0, "broken", "It broke.")
TOLD = Tell(1, "broken", "It broke.")

TABLE: list[tuple[str, State, Event, Phase, int, list[Effect]]] = [
    ("press when idle", IDLE, TalkPressed(), Phase.LISTENING, 1, [StartListening(1, 0)]),
    ("press while listening", LISTENING, TalkPressed(), Phase.LISTENING, 1, [Refuse("TalkPressed", Phase.LISTENING)]),
    ("press while waiting", WAITING, TalkPressed(), Phase.LISTENING, 2, [CancelListening(1), StartListening(2, 0)]),
    ("press while answering", ANSWERING, TalkPressed(), Phase.LISTENING, 2, [CUT, StartListening(2, 0)]),
    ("press over the answer", SPEAKING, TalkPressed(), Phase.LISTENING, 2, [CUT, StartListening(2, 0)]),
    ("release", LISTENING, TalkReleased(), Phase.COMMITTED, 1, [FinishListening(1, 0)]),
    ("release when idle", IDLE, TalkReleased(), Phase.IDLE, 0, [Refuse("TalkReleased", Phase.IDLE)]),
    ("type when idle", IDLE, TextSubmitted(" hi "), Phase.COMMITTED, 1, [StartReply(1, 0, "hi")]),
    ("type nothing", SPEAKING, TextSubmitted("  "), Phase.SPEAKING, 1, [Tell(1, "empty-text", machine._NOTHING_TYPED)]),
    ("type over it", SPEAKING, TextSubmitted("no"), Phase.COMMITTED, 2, [CUT, StartReply(2, 0, "no")]),
    ("type mid-talk", LISTENING, TextSubmitted("x"), Phase.COMMITTED, 2, [CancelListening(1), StartReply(2, 0, "x")]),
    ("stop when idle", IDLE, StopRequested(), Phase.IDLE, 0, []),
    ("stop listening", LISTENING, StopRequested(), Phase.IDLE, 1, [CancelListening(1)]),
    ("stop waiting", WAITING, StopRequested(), Phase.IDLE, 1, [CancelListening(1)]),
    ("stop guessing", SPECULATIVE, StopRequested(), Phase.IDLE, 1, [CancelListening(1)]),
    ("stop answering", ANSWERING, StopRequested(), Phase.IDLE, 1, [CUT]),
    ("stop speaking", SPEAKING, StopRequested(), Phase.IDLE, 1, [CUT]),
    ("likely end", LISTENING, EndLikely(1, 0), Phase.SPECULATIVE, 1, []),
    ("confirmed end", SPECULATIVE, EndConfirmed(1, 0), Phase.COMMITTED, 1, [FinishListening(1, 0)]),
    ("goes on speaking", SPECULATIVE, SpeechResumed(1, 0), Phase.LISTENING, 1, []),
    ("likely end, speaking", SPEAKING, EndLikely(1, 0), Phase.SPEAKING, 1, [Refuse("EndLikely", Phase.SPEAKING)]),
    (
        "confirmed too early",
        LISTENING,
        EndConfirmed(1, 0),
        Phase.LISTENING,
        1,
        [Refuse("EndConfirmed", Phase.LISTENING)],
    ),
    ("resumed too late", WAITING, SpeechResumed(1, 0), Phase.COMMITTED, 1, [Refuse("SpeechResumed", Phase.COMMITTED)]),
    ("words", WAITING, TranscriptReady(1, 0, " what "), Phase.COMMITTED, 1, [StartReply(1, 0, "what")]),
    ("no words", WAITING, TranscriptReady(1, 0, " "), Phase.IDLE, 1, [Tell(1, "nothing-heard", NOTHING_HEARD)]),
    (
        "words twice",
        ANSWERING,
        TranscriptReady(1, 0, "a"),
        Phase.COMMITTED,
        1,
        [Refuse("TranscriptReady", Phase.COMMITTED)],
    ),
    ("words of an old turn", WAITING, TranscriptReady(0, 0, "old"), Phase.COMMITTED, 1, []),
    ("words of an old revision", WAITING, TranscriptReady(1, 1, "old"), Phase.COMMITTED, 1, []),
    ("first sound", ANSWERING, ReplyAudible(1, 0), Phase.SPEAKING, 1, []),
    ("sound too early", WAITING, ReplyAudible(1, 0), Phase.COMMITTED, 1, [Refuse("ReplyAudible", Phase.COMMITTED)]),
    ("answered aloud", SPEAKING, ReplyFinished(1, 0), Phase.IDLE, 1, [DONE]),
    ("answered in writing", ANSWERING, ReplyFinished(1, 0), Phase.IDLE, 1, [DONE]),
    ("answered nothing", WAITING, ReplyFinished(1, 0), Phase.COMMITTED, 1, [Refuse("ReplyFinished", Phase.COMMITTED)]),
    ("fails listening", LISTENING, FAILED, Phase.IDLE, 1, [CancelListening(1), TOLD]),
    ("fails waiting", WAITING, FAILED, Phase.IDLE, 1, [CancelListening(1), TOLD]),
    ("fails answering", ANSWERING, FAILED, Phase.IDLE, 1, [CUT, TOLD]),
    ("fails speaking", SPEAKING, FAILED, Phase.IDLE, 1, [CUT, TOLD]),
    ("fails when over", State(turn_id=1), FAILED, Phase.IDLE, 1, [Refuse("TurnFailed", Phase.IDLE)]),
]


@pytest.mark.parametrize(
    ("state", "event", "phase", "turn_id", "effects"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_rule(state: State, event: Event, phase: Phase, turn_id: int, effects: list[Effect]) -> None:
    after, carried_out = step(state, event, 5.0)
    assert (after.phase, after.turn_id, carried_out) == (phase, turn_id, effects)


def test_speech_that_goes_on_makes_a_new_revision() -> None:
    state, _ = step(SPECULATIVE, SpeechResumed(1, 0), 1.0)
    assert (state.phase, state.revision) == (Phase.LISTENING, 1)
    assert step(state, EndLikely(1, 0), 2.0) == (state, [])
    assert step(state, EndLikely(1, 1), 2.0)[0].phase is Phase.SPECULATIVE


def test_letting_go_passes_through_speculative() -> None:
    state, _ = step(LISTENING, TalkReleased(), 3.5)
    made = [(t.before, t.after, t.cause, t.time) for t in state.history]
    assert made == [
        (Phase.LISTENING, Phase.SPECULATIVE, "TalkReleased", 3.5),
        (Phase.SPECULATIVE, Phase.COMMITTED, "TalkReleased", 3.5),
    ]


def test_a_forbidden_transition_is_a_mistake_that_shows() -> None:
    with pytest.raises(machine.ForbiddenTransition, match="idle -> speaking on StopRequested"):
        machine._enter(IDLE, Phase.SPEAKING, StopRequested(), 0.0)


IDS = st.integers(0, 3)
STAMPED: list[type[EndLikely] | type[EndConfirmed] | type[SpeechResumed] | type[ReplyAudible] | type[ReplyFinished]] = [
    EndLikely,
    EndConfirmed,
    SpeechResumed,
    ReplyAudible,
    ReplyFinished,
]


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind = draw(st.integers(0, 6))
    turn_id, revision = draw(IDS), draw(st.integers(0, 1))
    if kind == 0:
        return TalkPressed()
    if kind == 1:
        return TalkReleased()
    if kind == 2:
        return TextSubmitted(draw(st.sampled_from(["", "hello"])))
    if kind == 3:
        return StopRequested()
    if kind == 4:
        return TranscriptReady(turn_id, revision, draw(st.sampled_from(["", "hello"])))
    if kind == 5:
        return TurnFailed(turn_id, revision, "broken", "It broke.")
    return draw(st.sampled_from(STAMPED))(turn_id, revision)


@given(st.lists(events(), max_size=60))
def test_invariants_hold_for_any_sequence(sequence: list[Event]) -> None:
    state = State()
    replies: dict[int, int] = {}
    open_reply: int | None = None
    for now, event in enumerate(sequence):
        before = state
        state, effects = step(state, event, float(now))
        fresh = [t for t in state.history if t.time == now]
        for transition in fresh:
            assert transition.after in ALLOWED[transition.before]
        assert len(state.history) <= HISTORY_LENGTH
        for effect in effects:
            if isinstance(effect, StartReply):
                assert open_reply is None, "two replies at once"
                assert state.phase is Phase.COMMITTED
                replies[effect.turn_id] = replies.get(effect.turn_id, 0) + 1
                open_reply = effect.turn_id
            if isinstance(effect, EndReply):
                assert open_reply == effect.turn_id, "ended a reply that was not open"
                open_reply = None
        if state.phase is Phase.SPEAKING:
            assert open_reply == state.turn_id, "sound without a reply"
        if state.phase in (Phase.IDLE, Phase.LISTENING, Phase.SPECULATIVE):
            assert open_reply is None, "a reply goes on although nobody may speak"
        assert state.replying is (open_reply is not None)
        assert state.turn_id >= before.turn_id
    assert all(count == 1 for count in replies.values()), "at most one reply per turn"
    assert step(state, StopRequested(), 1e6)[0].phase is Phase.IDLE, "IDLE is always reachable"


@given(st.lists(events(), max_size=40))
def test_what_opens_the_microphone_also_closes_it(sequence: list[Event]) -> None:
    state = State()
    listening = False
    for now, event in enumerate([*sequence, StopRequested()]):
        state, effects = step(state, event, float(now))
        for effect in effects:
            if isinstance(effect, StartListening):
                assert not listening
                listening = True
            if isinstance(effect, FinishListening | CancelListening):
                listening = False
    assert not listening
