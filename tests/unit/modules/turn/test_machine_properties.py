"""Thousands of event sequences thrown at the turn machine, checked by a model of the session that carries it out."""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modules.turn import effects as does
from modules.turn.effects import DropReply, Effect, EndReply, Refuse
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
from modules.turn.machine import step
from modules.turn.state import ALLOWED, HISTORY_LENGTH, Overlap, Phase, State

Stamp = tuple[int, int]
Move = Callable[[Stamp], Event]
"""Makes an event; one that is stamped gets this stamp."""


def _words(text: str) -> Move:
    return lambda stamp: TranscriptReady(*stamp, text)


PLAIN: list[Move] = [
    lambda _: TalkPressed(),
    lambda _: TalkReleased(),
    lambda _: TextSubmitted("hello"),
    lambda _: TextSubmitted(" "),
    lambda _: StopRequested(),
    lambda _: SpeechStarted(),
]
STAMPED: list[Move] = [
    lambda stamp: EndLikely(*stamp),
    lambda stamp: EndConfirmed(*stamp),
    lambda stamp: OverlapStarted(*stamp),
    lambda stamp: OverlapSustained(*stamp),
    lambda stamp: OverlapDismissed(*stamp),
    lambda stamp: InterruptionConfirmed(*stamp),
    _words("hello"),
    _words(""),
    lambda stamp: ReplyAudible(*stamp),
    lambda stamp: ReplyShown(*stamp),
    lambda stamp: ReplyFinished(*stamp),
    lambda stamp: TurnFailed(*stamp, "broken", "It broke."),
]
MOVES = PLAIN + STAMPED

LIKELY: dict[Phase, list[Move]] = {
    Phase.IDLE: [PLAIN[0], PLAIN[2], PLAIN[5]],
    Phase.LISTENING: [PLAIN[1], STAMPED[0]],
    Phase.SPECULATIVE: [STAMPED[1], STAMPED[6], PLAIN[5]],
    Phase.COMMITTED: [STAMPED[6], STAMPED[8], STAMPED[9], PLAIN[5]],
    Phase.SPEAKING: [STAMPED[2], STAMPED[3], STAMPED[4], STAMPED[5], STAMPED[10]],
}
"""What usually comes next; without it a random sequence seldom gets far."""


def event_of(state: State, number: int) -> Event:
    """The event that a number from 0 to 999 stands for: half are likely ones, and a sixth of the others is stale."""
    usual = LIKELY[state.phase]
    if number < 500:
        return usual[number % len(usual)]((state.turn_id, state.revision))
    stale = number % 6 == 0
    move = STAMPED[number // 6 % len(STAMPED)] if stale else MOVES[number % len(MOVES)]
    others = [(state.turn_id - 1, state.revision), (state.turn_id, state.revision - 1), (state.turn_id + 1, 0)]
    return move(others[number // 6 // len(STAMPED) % 3] if stale else (state.turn_id, state.revision))


SEQUENCES = st.lists(st.integers(0, 999), max_size=60)


@dataclass
class RunningReply:
    stamp: Stamp
    held: bool
    given: bool = False
    """Whether the user has heard or read any of it."""


@dataclass
class Room:
    """What a session does with the effects; it is told nothing but them, and objects to what makes no sense."""

    key: int | None = None
    """The turn whose utterance the talk key opened, until its transcript is asked for."""
    transcribing: int | None = None
    """The turn whose utterance the key has closed, and which has no transcript yet."""
    utterance: Stamp | None = None
    """What is said into the open microphone, and may still go on."""
    reply: RunningReply | None = None
    gain: Overlap = Overlap.NONE
    stored: list[Stamp] = field(default_factory=list)
    """Replies that the conversation keeps."""
    over: Counter[int] = field(default_factory=Counter)
    """How often the utterance of a turn was closed or dropped."""

    def carry_out(self, effect: Effect) -> None:
        match effect:
            case does.StartListening() | does.FinishListening():
                self._talk_key(effect)
            case (
                does.OpenUtterance()
                | does.AdoptUtterance()
                | does.SettleUtterance()
                | does.ReopenUtterance()
                | does.CloseUtterance()
            ):
                self._open_microphone(effect)
            case does.CancelListening(turn_id):
                self._cancel(turn_id)
            case does.StartReply() | does.ReleaseReply() | does.DropReply() | does.EndReply():
                self._replies(effect)
            case does.SetOverlap(turn_id, overlap):
                assert self.reply is not None, "nothing plays that could be made softer"
                assert self.reply.stamp[0] == turn_id
                assert self.reply.given, "nobody has heard any of it yet"
                ladder = [Overlap.NONE, Overlap.DUCKED, Overlap.PAUSED]
                assert overlap is Overlap.NONE or overlap is ladder[ladder.index(self.gain) + 1], "a rung is left out"
                assert overlap is not self.gain
                self.gain = overlap
            case does.Tell() | does.Refuse():
                pass

    def give(self) -> None:
        """The user hears or reads some of the reply."""
        assert self.reply is not None, "nothing can be given"
        assert not self.reply.held, "something of a held reply was given"
        self.reply.given = True

    def _talk_key(self, effect: Effect) -> None:
        match effect:
            case does.StartListening(turn_id):
                self._assert_silent()
                self.key = turn_id
            case does.FinishListening(turn_id):
                assert self.key == turn_id
                self.key, self.transcribing = None, turn_id

    def _open_microphone(self, effect: Effect) -> None:
        match effect:
            case does.OpenUtterance(turn_id, revision) | does.AdoptUtterance(turn_id, revision):
                self._assert_silent()
                assert revision == 0
                self.utterance = (turn_id, revision)
            case does.SettleUtterance(turn_id, revision):
                assert self.utterance == (turn_id, revision), "the words of something else are asked for"
            case does.ReopenUtterance(turn_id, revision):
                assert self.utterance == (turn_id, revision - 1), "something else is reopened"
                assert self.reply is None, "the reply to half an utterance goes on"
                self.utterance = (turn_id, revision)
            case does.CloseUtterance(turn_id):
                assert self.utterance is not None, "closed twice"
                assert self.utterance[0] == turn_id
                self.utterance = None
                self.over[turn_id] += 1

    def _cancel(self, turn_id: int) -> None:
        under_way = self.utterance[0] if self.utterance is not None else None
        assert turn_id in (self.key, self.transcribing, under_way), "there is nothing to drop"
        self.key = self.transcribing = self.utterance = None
        self.over[turn_id] += 1

    def _replies(self, effect: Effect) -> None:
        match effect:
            case does.StartReply(turn_id, revision, text, held):
                assert self.reply is None, "two replies at once"
                assert (self.key, self.transcribing) == (None, None), "the user is still speaking"
                assert text.strip()
                self.reply = RunningReply((turn_id, revision), held)
            case does.ReleaseReply(turn_id, revision):
                assert self.reply is not None
                assert (self.reply.stamp, self.reply.held) == ((turn_id, revision), True)
                self.reply.held = False
            case does.DropReply(turn_id, revision):
                reply = self._end((turn_id, revision))
                assert not reply.given, "a reply that the user knows of was withdrawn"
            case does.EndReply(turn_id, revision):
                reply = self._end((turn_id, revision))
                assert not reply.held, "a reply was kept that nobody was to know of"
                self.stored.append(reply.stamp)

    def _end(self, stamp: Stamp) -> RunningReply:
        assert self.reply is not None, "there is no reply"
        assert self.reply.stamp == stamp, "another reply was ended"
        reply, self.reply, self.gain = self.reply, None, Overlap.NONE
        return reply

    def _assert_silent(self) -> None:
        assert self.reply is None, "the assistant speaks on while the user does"
        assert (self.key, self.transcribing, self.utterance) == (None, None, None), "two utterances at once"

    def check(self, state: State) -> None:
        """Compare with what the machine believes."""
        assert state.replying is (self.reply is not None)
        assert self.gain is state.overlap
        match state.phase:
            case Phase.IDLE:
                self._assert_silent()
            case Phase.LISTENING if state.hands_free:
                assert (self.utterance, self.reply, self.key) == ((state.turn_id, state.revision), None, None)
            case Phase.LISTENING:
                assert (self.key, self.reply, self.utterance) == (state.turn_id, None, None)
            case Phase.SPECULATIVE:
                assert self.utterance == (state.turn_id, state.revision)
                assert self.reply is None or self.reply.held, "a guess is given to the user"
            case Phase.COMMITTED | Phase.SPEAKING:
                assert self.reply is None or not self.reply.held, "the user waits for a reply that is held"
                assert state.given is (self.reply is not None and self.reply.given)
                may_go_on = state.hands_free and not state.given
                assert self.utterance == ((state.turn_id, state.revision) if may_go_on else None)
        if state.phase is Phase.SPEAKING:
            assert self.reply is not None
            assert self.reply.given
        assert max(self.over.values(), default=0) <= 1, "an utterance was over twice"
        assert max(Counter(turn for turn, _ in self.stored).values(), default=0) <= 1, "two replies to one utterance"


def take(room: Room, state: State, event: Event, now: float) -> tuple[State, list[Effect]]:
    """One step of the machine, carried out and checked."""
    after, effects = step(state, event, now)
    current = not isinstance(event, Stamped) or (event.turn_id, event.revision) == (state.turn_id, state.revision)
    accepted = current and not any(isinstance(effect, Refuse) for effect in effects)
    if accepted and isinstance(event, TranscriptReady):
        room.transcribing = None
    for effect in effects:
        room.carry_out(effect)
    if accepted and isinstance(event, ReplyAudible | ReplyShown):
        room.give()
    room.check(after)
    _check_step(state, event, after, effects, now)
    return after, effects


def _check_step(before: State, event: Event, after: State, effects: Sequence[Effect], now: float) -> None:
    if isinstance(event, Stamped) and (event.turn_id, event.revision) != (before.turn_id, before.revision):
        assert (after, list(effects)) == (before, []), "an event of something that is over changed something"
    if any(isinstance(effect, Refuse) for effect in effects):
        assert (after, len(effects)) == (before, 1)
    if after.turn_id == before.turn_id:
        assert after.revision - before.revision in (0, 1)
    else:
        assert (after.turn_id, after.revision) == (before.turn_id + 1, 0)
    silencing = isinstance(event, StopRequested | TalkPressed) or (
        isinstance(event, InterruptionConfirmed) and after.turn_id > before.turn_id
    )
    if silencing and before.replying:
        assert any(isinstance(effect, EndReply | DropReply) for effect in effects), "the reply was not ended at once"
    if before.phase is Phase.SPEAKING and isinstance(event, SpeechStarted):
        assert after == before, "speech over a reply means nothing before it has proved itself"
    if (after.overlap is not Overlap.NONE) or any(isinstance(effect, does.SetOverlap) for effect in effects):
        assert after.phase is Phase.SPEAKING
    _check_history(before, after, now)


def _check_history(before: State, after: State, now: float) -> None:
    phase = before.phase
    for transition in after.history:
        if transition.time == now:
            assert transition.before is phase, "a transition is missing from the history"
            assert transition.after in ALLOWED[phase]
            phase = transition.after
    assert phase is after.phase
    assert len(after.history) <= HISTORY_LENGTH


@given(SEQUENCES)
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_sequence_of_events_makes_a_session_do_what_it_must_not(sequence: list[int]) -> None:
    room, state = Room(), State()
    for now, number in enumerate(sequence):
        state, _ = take(room, state, event_of(state, number), float(now))


@given(SEQUENCES)
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_stop_and_failure_end_everything_wherever_it_stands(sequence: list[int]) -> None:
    room, state = Room(), State()
    for now, number in enumerate(sequence):
        state, _ = take(room, state, event_of(state, number), float(now))
    for end in (StopRequested(), TurnFailed(state.turn_id, state.revision, "broken", "It broke.")):
        left = copy.deepcopy(room)
        idle, _ = take(left, state, end, 1e6)
        assert idle.phase is Phase.IDLE
        for begin in (TalkPressed(), SpeechStarted()):
            listening, _ = take(copy.deepcopy(left), idle, begin, 2e6)
            assert listening.phase is Phase.LISTENING, "the next turn cannot be taken"


def test_the_sequences_get_everywhere() -> None:
    """Otherwise the properties above would hold for want of a sequence that could break them."""
    numbers = random.Random(1)
    seen: Counter[object] = Counter()
    for _ in range(300):
        room, state = Room(), State()
        for now in range(60):
            event = event_of(state, numbers.randrange(1000))
            state, effects = take(room, state, event, float(now))
            seen.update([state.phase, state.overlap, *(type(effect) for effect in effects)])
    everything = {*Phase, *Overlap, *Effect.__args__}
    assert min(seen[thing] for thing in everything) >= 20, seen


def _explore() -> dict[State, dict[Event, State]]:
    """Every state that the machine can reach, each with where every event leads; numbers and history are left out."""
    stamp = (1, 0)
    found: dict[State, dict[Event, State]] = {}
    to_do = [State(turn_id=1)]
    while to_do:
        state = to_do.pop()
        if state in found:
            continue
        reached = {}
        for event in (move(stamp) for move in MOVES):
            after = replace(step(state, event, 0.0)[0], turn_id=1, revision=0, history=())
            reached[event] = after
            to_do.append(after)
        found[state] = reached
    return found


def test_the_machine_has_few_states_and_each_of_them_is_left_by_stop_and_by_failure() -> None:
    found = _explore()
    assert {state.phase for state in found} == set(Phase)
    assert len(found) == 18, found.keys()
    for state, reached in found.items():
        assert reached[StopRequested()].phase is Phase.IDLE, state
        assert reached[TurnFailed(1, 0, "broken", "It broke.")].phase is Phase.IDLE, state
        assert not state.given or state.replying
        assert state.phase is Phase.SPEAKING or state.overlap is Overlap.NONE
        assert state.hands_free or state.phase is not Phase.SPECULATIVE


def test_every_allowed_transition_is_used() -> None:
    used = {
        (transition.before, transition.after)
        for state in _explore()
        for move in MOVES
        for transition in step(state, move((1, 0)), 0.0)[0].history
    }
    assert used == {(before, after) for before, afters in ALLOWED.items() for after in afters}
