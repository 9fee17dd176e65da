"""How turns are put together."""

from __future__ import annotations

import pytest

from modules.history.base import EngineCall, FailureNote, PhaseEntry, SoundKind, TurnRecord
from modules.history.drafts import MOST_FAILURES, MOST_PHASES, TURNS_KEPT, Draft, Drafts, Moment, Sound
from modules.turn.events import (
    EngineFailed,
    Notice,
    PhaseChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    SessionEvent,
    TurnMeasured,
    UserText,
    UtteranceDropped,
)
from modules.turn.state import Phase
from tests.unit.modules.history.keeping import LATENCY, NOW, begun, over, told

CALL = EngineCall("stt", "whisper", NOW, 12.5)


def feed(drafts: Drafts, *events: SessionEvent, at: float = 0.0) -> Drafts:
    """Tell events, a second after each other."""
    for place, event in enumerate(events):
        drafts.take(event, Moment(5.0 + at + place, NOW + at + place))
    return drafts


def record(draft: Draft) -> TurnRecord:
    return draft.record("session", 7)


def test_a_turn_that_is_answered() -> None:
    (draft,) = feed(Drafts(lambda: "de"), *told(1, "Guten Tag.", "Hallo du.")).wanted()
    assert record(draft) == TurnRecord(
        session="session",
        number=7,
        started=NOW,
        ended=NOW + 9,
        said="Guten Tag.",
        heard="Hallo du.",
        spoken=True,
        language="de",
        trace_id=f"{1:032x}",
        phases=(
            PhaseEntry("listening", 0, 0.0),
            PhaseEntry("speculative", 0, 3000.0),
            PhaseEntry("committed", 0, 4000.0),
            PhaseEntry("speaking", 0, 8000.0),
            PhaseEntry("idle", 0, 9000.0),
        ),
        latency=LATENCY,
    )


def test_nothing_is_stored_before_the_words_are_final() -> None:
    drafts = feed(Drafts(), PhaseChanged(1, 0, Phase.LISTENING), UserText(1, 0, "Hel", final=False))
    assert drafts.wanted() == []
    feed(drafts, UserText(1, 0, "Hello.", final=True, typed=True))
    (draft,) = drafts.wanted()
    assert (record(draft).said, record(draft).typed) == ("Hello.", True)


def test_an_answer_that_is_not_over_counts_as_cut_off() -> None:
    drafts = feed(Drafts(), *begun(1), ReplyText(1, 0, "Hi "), ReplyText(1, 0, "the"))
    (draft,) = drafts.wanted()
    assert (record(draft).heard, record(draft).interrupted, record(draft).ended) == ("Hi the", True, None)
    assert drafts.is_streaming
    feed(drafts, *over(1, "Hi there."))
    assert (record(draft).heard, record(draft).interrupted) == ("Hi there.", False)
    assert not drafts.is_streaming


def test_of_an_interrupted_answer_what_was_heard_is_kept_although_the_next_turn_has_begun() -> None:
    drafts = feed(Drafts(), *begun(1), *(ReplyText(1, 0, f"{word} ") for word in range(9)))
    first, second = PhaseChanged(1, 0, Phase.IDLE), PhaseChanged(2, 0, Phase.LISTENING)
    feed(drafts, first, second, ReplyEnded(1, 0, "0 1 2", interrupted=True, spoken=True), TurnMeasured(1, LATENCY))
    feed(drafts, ReplyText(1, 0, "too late"))
    (draft,) = drafts.wanted()
    assert (record(draft).heard, record(draft).interrupted) == ("0 1 2", True)


def test_a_withdrawn_answer_leaves_nothing() -> None:
    (draft,) = feed(Drafts(), *begun(1), ReplyText(1, 0, "No!"), ReplyDropped(1, 0)).wanted()
    assert (record(draft).heard, record(draft).interrupted) == ("", False)
    feed_more = [PhaseChanged(1, 1, Phase.LISTENING), UserText(1, 1, "Hello again.", final=True), *over(1, "Yes.")]
    drafts = feed(Drafts(), *begun(1), ReplyDropped(1, 0), *feed_more)
    assert record(drafts.wanted()[0]).said == "Hello again."


def test_what_was_no_utterance_is_not_stored_and_what_is_stored_of_it_goes() -> None:
    drafts = feed(Drafts(), *begun(1))
    (draft,) = drafts.wanted()
    feed(drafts, UtteranceDropped(1))
    assert (drafts.wanted(), drafts.dropped()) == ([], [])
    draft.stored = record(draft)
    assert drafts.dropped() == [draft]


def test_engine_calls_belong_to_their_turn_or_to_the_present_one() -> None:
    drafts = feed(Drafts(), *told(1), *begun(2))
    for draft in drafts.wanted():
        draft.changed = False
    drafts.call(1, CALL)
    assert [draft.turn_id for draft in drafts.wanted()] == [1]
    drafts.call(None, CALL)
    drafts.call(77, CALL)
    assert [len(record(draft).calls) for draft in drafts.wanted()] == [1, 1]


def test_a_recording_is_wanted_by_itself() -> None:
    drafts = feed(Drafts(), *told(1))
    (draft,) = drafts.wanted()
    draft.changed = False
    drafts.sound(9, Sound(SoundKind.SAID, 1.0, bytes))
    assert drafts.wanted() == []
    drafts.sound(1, Sound(SoundKind.SAID, 1.0, bytes))
    assert drafts.wanted() == [draft]


def test_failures_quote_nobody() -> None:
    drafts = feed(
        Drafts(),
        Notice("info", "muted", "The microphone is muted."),
        Notice("error", "llm-failed", "The model failed: 'my secret'", 3),
        EngineFailed("tts", "piper", "no-voice", "The voice failed: secret"),
    )
    assert drafts.failures == [
        FailureNote(NOW + 1, "llm-failed", "The model failed.", 3),
        FailureNote(NOW + 2, "no-voice", "The voice failed."),
    ]


def test_failures_and_phases_do_not_grow_for_ever() -> None:
    drafts = feed(Drafts(), *[Notice("warning", "again", "Again.")] * (MOST_FAILURES + 5))
    assert len(drafts.failures) == MOST_FAILURES
    feed(drafts, *begun(1), *[PhaseChanged(1, 1, Phase.LISTENING)] * MOST_PHASES)
    assert len(record(drafts.wanted()[0]).phases) == MOST_PHASES


def test_events_of_turns_that_nobody_knows_are_passed_over() -> None:
    late: list[SessionEvent] = [PhaseChanged(4, 0, Phase.IDLE), ReplyDropped(4, 0), UtteranceDropped(4)]
    drafts = feed(Drafts(), *late, *over(4)[1:], ReplyText(4, 0, "x"), UserText(4, 0, "x", final=True))
    assert drafts.wanted() == []
    feed(drafts, *begun(4), *begun(3))
    assert [draft.turn_id for draft in drafts.wanted()] == [4]


@pytest.mark.parametrize("stored", [True, False])
def test_turns_are_forgotten_once_they_are_stored_and_nothing_follows(stored: bool) -> None:
    drafts = Drafts()
    for number in range(1, 11):
        feed(drafts, *told(number))
    for draft in drafts.wanted():
        draft.changed = not stored
    assert drafts.forget(most_waiting=2) == (0 if stored else 10 - TURNS_KEPT - 2)
    feed(drafts, *(ReplyEnded(number, 0, "x", interrupted=True, spoken=False) for number in range(1, 11)))
    left = [draft.turn_id for draft in drafts.wanted()]
    assert left == ([7, 8, 9, 10] if stored else [5, 6, 7, 8, 9, 10])
