"""Every rule of turn-taking, one step at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modules.turn import machine
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
    StopRequested,
    TalkPressed,
    TalkReleased,
    TextSubmitted,
    TranscriptReady,
    TurnFailed,
)
from modules.turn.machine import NOTHING_HEARD, step
from modules.turn.state import HISTORY_LENGTH, Overlap, Phase, State

IDLE = State()
LISTENING = State(Phase.LISTENING, turn_id=1)
WAITING = State(Phase.COMMITTED, turn_id=1)
ANSWERING = State(Phase.COMMITTED, turn_id=1, replying=True)
SPEAKING = State(Phase.SPEAKING, turn_id=1, replying=True, given=True)
DUCKED = replace(SPEAKING, overlap=Overlap.DUCKED)
PAUSED = replace(SPEAKING, overlap=Overlap.PAUSED)

HEARING = replace(LISTENING, hands_free=True)
GUESSING = State(Phase.SPECULATIVE, turn_id=1, hands_free=True)
HOLDING = replace(GUESSING, replying=True)
SURE = replace(WAITING, hands_free=True)
THINKING = replace(ANSWERING, hands_free=True)
SHOWING = replace(THINKING, given=True)
TALKING = replace(SPEAKING, hands_free=True)

CUT = EndReply(1, 0, interrupted=True)
DONE = EndReply(1, 0, interrupted=False)
CUT_IN = EndReply(1, 0, interrupted=True, continued=True)
DROPPED = DropReply(1, 0)
QUIET = CancelListening(1)
FAILED = TurnFailed(1, 0, "broken", "It broke.")
TOLD = Tell(1, "broken", "It broke.")

Row = tuple[str, State, Event, tuple[Phase, int, int], list[Effect]]
"""Name, state before, event, phase and turn and revision after, effects."""


def refused(name: str, state: State, event: Event) -> Row:
    after = (state.phase, state.turn_id, state.revision)
    return name, state, event, after, [Refuse(type(event).__name__, state.phase)]


COMMITTED_1 = (Phase.COMMITTED, 1, 0)
COMMITTED_2 = (Phase.COMMITTED, 2, 0)
IDLE_1 = (Phase.IDLE, 1, 0)
LISTENING_1 = (Phase.LISTENING, 1, 0)
LISTENING_2 = (Phase.LISTENING, 2, 0)
SPEAKING_1 = (Phase.SPEAKING, 1, 0)
SPECULATIVE_1 = (Phase.SPECULATIVE, 1, 0)

TALK_KEY: list[Row] = [
    ("press when idle", IDLE, TalkPressed(), LISTENING_1, [StartListening(1, 0)]),
    refused("press again", LISTENING, TalkPressed()),
    ("press while waiting", WAITING, TalkPressed(), LISTENING_2, [QUIET, StartListening(2, 0)]),
    ("press while answering", ANSWERING, TalkPressed(), LISTENING_2, [CUT, StartListening(2, 0)]),
    ("press over the answer", SPEAKING, TalkPressed(), LISTENING_2, [CUT, StartListening(2, 0)]),
    ("press over a held answer", PAUSED, TalkPressed(), LISTENING_2, [CUT, StartListening(2, 0)]),
    ("press while heard", HEARING, TalkPressed(), LISTENING_2, [QUIET, StartListening(2, 0)]),
    ("press in a pause", HOLDING, TalkPressed(), LISTENING_2, [QUIET, DROPPED, StartListening(2, 0)]),
    ("press before it speaks", THINKING, TalkPressed(), LISTENING_2, [QUIET, CUT, StartListening(2, 0)]),
    ("press while it shows", SHOWING, TalkPressed(), LISTENING_2, [CUT, StartListening(2, 0)]),
    ("release", LISTENING, TalkReleased(), COMMITTED_1, [FinishListening(1, 0)]),
    refused("release when idle", IDLE, TalkReleased()),
    refused("release twice", WAITING, TalkReleased()),
    refused("release what the key did not open", HEARING, TalkReleased()),
]

TYPED: list[Row] = [
    ("type when idle", IDLE, TextSubmitted(" hi "), COMMITTED_1, [StartReply(1, 0, "hi")]),
    ("type nothing", SPEAKING, TextSubmitted("  "), SPEAKING_1, [Tell(1, "empty-text", machine._NOTHING_TYPED)]),
    ("type over the answer", SPEAKING, TextSubmitted("no"), COMMITTED_2, [CUT, StartReply(2, 0, "no")]),
    ("type while the key is held", LISTENING, TextSubmitted("x"), COMMITTED_2, [QUIET, StartReply(2, 0, "x")]),
    ("type while heard", HEARING, TextSubmitted("x"), COMMITTED_2, [QUIET, StartReply(2, 0, "x")]),
    ("type in a pause", HOLDING, TextSubmitted("x"), COMMITTED_2, [QUIET, DROPPED, StartReply(2, 0, "x")]),
]

STOP: list[Row] = [
    ("stop when idle", IDLE, StopRequested(), (Phase.IDLE, 0, 0), []),
    ("stop listening", LISTENING, StopRequested(), IDLE_1, [QUIET]),
    ("stop hearing", HEARING, StopRequested(), IDLE_1, [QUIET]),
    ("stop guessing", GUESSING, StopRequested(), IDLE_1, [QUIET]),
    ("stop holding", HOLDING, StopRequested(), IDLE_1, [QUIET, DROPPED]),
    ("stop waiting", WAITING, StopRequested(), IDLE_1, [QUIET]),
    ("stop answering", ANSWERING, StopRequested(), IDLE_1, [CUT]),
    ("stop thinking", THINKING, StopRequested(), IDLE_1, [QUIET, CUT]),
    ("stop showing", SHOWING, StopRequested(), IDLE_1, [CUT]),
    ("stop speaking", SPEAKING, StopRequested(), IDLE_1, [CUT]),
    ("stop a ducked answer", DUCKED, StopRequested(), IDLE_1, [CUT]),
    ("stop a paused answer", PAUSED, StopRequested(), IDLE_1, [CUT]),
]

OPEN_MICROPHONE: list[Row] = [
    ("speech when idle", IDLE, SpeechStarted(), LISTENING_1, [OpenUtterance(1, 0)]),
    ("speech goes on", HEARING, SpeechStarted(), LISTENING_1, []),
    ("speech into the key's utterance", LISTENING, SpeechStarted(), LISTENING_1, []),
    ("speech after a pause", GUESSING, SpeechStarted(), (Phase.LISTENING, 1, 1), [ReopenUtterance(1, 1)]),
    ("speech drops the guess", HOLDING, SpeechStarted(), (Phase.LISTENING, 1, 1), [DROPPED, ReopenUtterance(1, 1)]),
    ("speech after the end", SURE, SpeechStarted(), (Phase.LISTENING, 1, 1), [ReopenUtterance(1, 1)]),
    ("speech before the sound", THINKING, SpeechStarted(), (Phase.LISTENING, 1, 1), [DROPPED, ReopenUtterance(1, 1)]),
    ("speech while it is read", SHOWING, SpeechStarted(), LISTENING_2, [CUT, OpenUtterance(2, 0)]),
    ("speech after the key", WAITING, SpeechStarted(), LISTENING_2, [QUIET, OpenUtterance(2, 0)]),
    ("speech before an answer to the key", ANSWERING, SpeechStarted(), LISTENING_2, [CUT, OpenUtterance(2, 0)]),
    refused("speech over the answer has to prove itself", TALKING, SpeechStarted()),
    refused("speech over a ducked answer too", DUCKED, SpeechStarted()),
    ("likely end", HEARING, EndLikely(1, 0), SPECULATIVE_1, [SettleUtterance(1, 0)]),
    refused("the key's utterance ends with the key", LISTENING, EndLikely(1, 0)),
    refused("likely end twice", GUESSING, EndLikely(1, 0)),
    refused("likely end while it speaks", TALKING, EndLikely(1, 0)),
    ("end before the words", GUESSING, EndConfirmed(1, 0), COMMITTED_1, []),
    ("end of a held reply", HOLDING, EndConfirmed(1, 0), COMMITTED_1, [ReleaseReply(1, 0)]),
    refused("end without a pause", HEARING, EndConfirmed(1, 0)),
    refused("end twice", SURE, EndConfirmed(1, 0)),
]

WORDS: list[Row] = [
    ("words", WAITING, TranscriptReady(1, 0, " what "), COMMITTED_1, [StartReply(1, 0, "what")]),
    ("no words", WAITING, TranscriptReady(1, 0, " "), IDLE_1, [Tell(1, "nothing-heard", NOTHING_HEARD)]),
    ("words in a pause", GUESSING, TranscriptReady(1, 0, "what"), SPECULATIVE_1, [StartReply(1, 0, "what", held=True)]),
    ("no words in a pause", GUESSING, TranscriptReady(1, 0, ""), IDLE_1, [QUIET]),
    ("words after the end", SURE, TranscriptReady(1, 0, "what"), COMMITTED_1, [StartReply(1, 0, "what")]),
    ("no words after the end", SURE, TranscriptReady(1, 0, ""), IDLE_1, [QUIET]),
    refused("words twice", ANSWERING, TranscriptReady(1, 0, "a")),
    refused("words twice in a pause", HOLDING, TranscriptReady(1, 0, "a")),
    refused("words after speech went on", HEARING, TranscriptReady(1, 0, "a")),
    ("words of an old turn", WAITING, TranscriptReady(0, 0, "old"), COMMITTED_1, []),
    ("words of another revision", WAITING, TranscriptReady(1, 1, "old"), COMMITTED_1, []),
]

GIVING: list[Row] = [
    ("first sound", ANSWERING, ReplyAudible(1, 0), SPEAKING_1, []),
    ("first sound, hands-free", THINKING, ReplyAudible(1, 0), SPEAKING_1, [CloseUtterance(1)]),
    ("sound after text", SHOWING, ReplyAudible(1, 0), SPEAKING_1, []),
    refused("sound without a reply", WAITING, ReplyAudible(1, 0)),
    refused("sound of a held reply", HOLDING, ReplyAudible(1, 0)),
    refused("sound twice", SPEAKING, ReplyAudible(1, 0)),
    ("first text", ANSWERING, ReplyShown(1, 0), COMMITTED_1, []),
    ("first text, hands-free", THINKING, ReplyShown(1, 0), COMMITTED_1, [CloseUtterance(1)]),
    ("text twice", SHOWING, ReplyShown(1, 0), COMMITTED_1, []),
    refused("text without a reply", SURE, ReplyShown(1, 0)),
    refused("text of a held reply", HOLDING, ReplyShown(1, 0)),
    refused("text after sound", TALKING, ReplyShown(1, 0)),
    ("answered aloud", SPEAKING, ReplyFinished(1, 0), IDLE_1, [DONE]),
    ("answered aloud, hands-free", TALKING, ReplyFinished(1, 0), IDLE_1, [DONE]),
    ("answered a ducked reply", DUCKED, ReplyFinished(1, 0), IDLE_1, [DONE]),
    ("answered in writing", ANSWERING, ReplyFinished(1, 0), IDLE_1, [DONE]),
    ("answered in writing, hands-free", SHOWING, ReplyFinished(1, 0), IDLE_1, [DONE]),
    ("answered unnoticed", THINKING, ReplyFinished(1, 0), IDLE_1, [CloseUtterance(1), DONE]),
    refused("answered nothing", WAITING, ReplyFinished(1, 0)),
    refused("finished although held", HOLDING, ReplyFinished(1, 0)),
]

LADDER: list[Row] = [
    ("onset", SPEAKING, OverlapStarted(1, 0), SPEAKING_1, [SetOverlap(1, Overlap.DUCKED)]),
    ("it goes on", DUCKED, OverlapSustained(1, 0), SPEAKING_1, [SetOverlap(1, Overlap.PAUSED)]),
    ("a click", DUCKED, OverlapDismissed(1, 0), SPEAKING_1, [SetOverlap(1, Overlap.NONE)]),
    ("a remark", PAUSED, OverlapDismissed(1, 0), SPEAKING_1, [SetOverlap(1, Overlap.NONE)]),
    ("meant", PAUSED, InterruptionConfirmed(1, 0), LISTENING_2, [CUT_IN, AdoptUtterance(2, 0)]),
    ("meant at once", DUCKED, InterruptionConfirmed(1, 0), LISTENING_2, [CUT_IN, AdoptUtterance(2, 0)]),
    refused("onset twice", DUCKED, OverlapStarted(1, 0)),
    refused("onset of a pause", PAUSED, OverlapStarted(1, 0)),
    refused("sustained without onset", SPEAKING, OverlapSustained(1, 0)),
    refused("sustained twice", PAUSED, OverlapSustained(1, 0)),
    refused("nothing to dismiss", SPEAKING, OverlapDismissed(1, 0)),
    refused("meant without onset", SPEAKING, InterruptionConfirmed(1, 0)),
    refused("onset before the first sound", THINKING, OverlapStarted(1, 0)),
    refused("onset when idle", State(turn_id=1), OverlapStarted(1, 0)),
    refused("meant after the end", State(turn_id=1), InterruptionConfirmed(1, 0)),
    ("meant for an old reply", replace(PAUSED, turn_id=2), InterruptionConfirmed(1, 0), (Phase.SPEAKING, 2, 0), []),
]

FAILURES: list[Row] = [
    ("fails listening", LISTENING, FAILED, IDLE_1, [QUIET, TOLD]),
    ("fails hearing", HEARING, FAILED, IDLE_1, [QUIET, TOLD]),
    ("fails guessing", GUESSING, FAILED, IDLE_1, [QUIET, TOLD]),
    ("fails holding", HOLDING, FAILED, IDLE_1, [QUIET, DROPPED, TOLD]),
    ("fails waiting", WAITING, FAILED, IDLE_1, [QUIET, TOLD]),
    ("fails answering", ANSWERING, FAILED, IDLE_1, [CUT, TOLD]),
    ("fails thinking", THINKING, FAILED, IDLE_1, [QUIET, CUT, TOLD]),
    ("fails speaking", SPEAKING, FAILED, IDLE_1, [CUT, TOLD]),
    ("fails paused", PAUSED, FAILED, IDLE_1, [CUT, TOLD]),
    ("failed in an older revision", replace(HEARING, revision=1), FAILED, (Phase.LISTENING, 1, 1), []),
    refused("fails when over", State(turn_id=1), FAILED),
]

TABLE = [*TALK_KEY, *TYPED, *STOP, *OPEN_MICROPHONE, *WORDS, *GIVING, *LADDER, *FAILURES]


@pytest.mark.parametrize(
    ("state", "event", "after", "effects"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_rule(state: State, event: Event, after: tuple[Phase, int, int], effects: list[Effect]) -> None:
    reached, carried_out = step(state, event, 5.0)
    assert ((reached.phase, reached.turn_id, reached.revision), carried_out) == (after, effects)


def test_what_is_refused_changes_nothing() -> None:
    rows = [row for row in TABLE if any(isinstance(effect, Refuse) for effect in row[4])]
    assert len(rows) > 25
    for name, state, event, _, effects in rows:
        assert step(state, event, 5.0) == (state, effects), name


def test_each_rule_has_a_row() -> None:
    assert {type(event) for _, _, event, _, _ in TABLE} == set(machine._RULES)


def test_a_reply_remembers_that_it_was_given_until_it_ends() -> None:
    spoken, _ = step(THINKING, ReplyAudible(1, 0), 1.0)
    assert (spoken.given, spoken.replying, spoken.hands_free) == (True, True, True)
    over, _ = step(spoken, ReplyFinished(1, 0), 2.0)
    assert (over.given, over.replying) == (False, False)


def test_an_interruption_is_a_turn_of_the_open_microphone_whatever_it_interrupts() -> None:
    state, _ = step(PAUSED, InterruptionConfirmed(1, 0), 1.0)
    assert (state.hands_free, state.overlap, state.replying, state.given) == (True, Overlap.NONE, False, False)


def test_the_key_takes_an_utterance_from_the_open_microphone() -> None:
    state, _ = step(HEARING, TalkPressed(), 1.0)
    assert not state.hands_free
    assert step(state, TalkReleased(), 2.0)[1] == [FinishListening(2, 0)]


def test_speech_that_goes_on_makes_the_events_of_the_pause_stale() -> None:
    state, _ = step(HOLDING, SpeechStarted(), 1.0)
    assert (state.phase, state.revision, state.replying) == (Phase.LISTENING, 1, False)
    for late in (EndConfirmed(1, 0), TranscriptReady(1, 0, "what"), FAILED, EndLikely(1, 0)):
        assert step(state, late, 2.0) == (state, [])
    assert step(state, EndLikely(1, 1), 2.0)[0].phase is Phase.SPECULATIVE


def test_letting_go_passes_through_speculative() -> None:
    state, _ = step(LISTENING, TalkReleased(), 3.5)
    made = [(t.before, t.after, t.cause, t.time) for t in state.history]
    assert made == [
        (Phase.LISTENING, Phase.SPECULATIVE, "TalkReleased", 3.5),
        (Phase.SPECULATIVE, Phase.COMMITTED, "TalkReleased", 3.5),
    ]


def test_an_interruption_passes_through_idle() -> None:
    state, _ = step(PAUSED, InterruptionConfirmed(1, 0), 3.5)
    made = [(t.turn_id, t.before, t.after) for t in state.history]
    assert made == [(1, Phase.SPEAKING, Phase.IDLE), (2, Phase.IDLE, Phase.LISTENING)]


def test_the_history_keeps_the_last_transitions() -> None:
    state = IDLE
    for number in range(40):
        state, _ = step(state, SpeechStarted(), float(number))
        state, _ = step(state, StopRequested(), number + 0.5)
    assert len(state.history) == HISTORY_LENGTH
    assert [transition.time for transition in state.history[-2:]] == [39.0, 39.5]


def test_a_forbidden_transition_is_a_mistake_that_shows() -> None:
    with pytest.raises(machine.ForbiddenTransition, match="idle -> speaking on StopRequested"):
        machine._enter(IDLE, Phase.SPEAKING, StopRequested(), 0.0)
