from __future__ import annotations

import pytest

from arvis.core.snapshot import BROKEN, EngineStatus, SessionOpened, Snapshot, engine_status
from modules.engine import LoadProgress
from modules.turn.events import (
    EngineFailed,
    EngineLoading,
    EngineReady,
    OverlapChanged,
    PhaseChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    TurnMeasured,
    UserText,
    UtteranceDropped,
)
from modules.turn.latency import LatencyRecord
from modules.turn.machine import Overlap, Phase


def test_an_older_turn_does_not_change_the_phase() -> None:
    snapshot = Snapshot()
    assert snapshot.enter(PhaseChanged(2, 0, Phase.LISTENING))
    assert not snapshot.enter(PhaseChanged(1, 0, Phase.IDLE))
    assert snapshot.phase is Phase.LISTENING
    assert snapshot.enter(PhaseChanged(2, 1, Phase.LISTENING))
    assert not snapshot.enter(PhaseChanged(2, 0, Phase.SPECULATIVE))


@pytest.mark.parametrize(
    ("turn", "revision", "accepted"), [(3, 1, True), (3, 2, True), (4, 0, True), (3, 0, False), (2, 9, False)]
)
def test_words_of_an_older_turn_or_revision_are_refused(turn: int, revision: int, accepted: bool) -> None:
    snapshot = Snapshot()
    snapshot.enter(PhaseChanged(3, 1, Phase.COMMITTED))
    assert snapshot.accepts(UserText(turn, revision, "hello", final=False)) is accepted
    assert snapshot.accepts(ReplyText(turn, revision, "hello")) is accepted


def test_a_piece_of_a_reply_that_has_ended_is_refused_and_it_ends_once() -> None:
    snapshot = Snapshot()
    snapshot.enter(PhaseChanged(1, 0, Phase.SPEAKING))
    ended = ReplyEnded(1, 0, "Yes.", interrupted=True, spoken=True)
    assert snapshot.end_reply(ended)
    assert not snapshot.end_reply(ended)
    assert not snapshot.accepts(ReplyText(1, 0, "more"))


def test_the_end_of_the_reply_that_was_interrupted_by_the_next_turn_still_counts() -> None:
    snapshot = Snapshot()
    snapshot.enter(PhaseChanged(2, 0, Phase.LISTENING))
    assert snapshot.end_reply(ReplyEnded(1, 0, "Ye", interrupted=True, spoken=True))


def test_a_withdrawn_reply_gets_no_more_pieces_but_the_next_revision_does() -> None:
    snapshot = Snapshot()
    snapshot.enter(PhaseChanged(4, 0, Phase.SPECULATIVE))
    assert snapshot.drop_reply(ReplyDropped(4, 0))
    assert not snapshot.drop_reply(ReplyDropped(4, 0))
    assert not snapshot.accepts(ReplyText(4, 0, "stale"))
    assert snapshot.accepts(UserText(4, 0, "and", final=False))
    snapshot.enter(PhaseChanged(4, 1, Phase.LISTENING))
    assert snapshot.accepts(ReplyText(4, 1, "Yes."))


def test_the_withdrawal_of_a_reply_counts_although_its_utterance_goes_on_under_the_next_revision() -> None:
    snapshot = Snapshot()
    snapshot.enter(PhaseChanged(4, 1, Phase.LISTENING))
    assert snapshot.drop_reply(ReplyDropped(4, 0))


def test_a_reply_that_has_ended_cannot_be_withdrawn() -> None:
    snapshot = Snapshot()
    snapshot.end_reply(ReplyEnded(2, 0, "Yes.", interrupted=False, spoken=True))
    assert not snapshot.drop_reply(ReplyDropped(2, 0))
    assert not snapshot.drop_utterance(UtteranceDropped(2))
    assert snapshot.drop_reply(ReplyDropped(3, 0))


def test_a_turn_that_was_none_gets_no_more_words_and_is_dropped_once() -> None:
    snapshot = Snapshot()
    snapshot.enter(PhaseChanged(3, 0, Phase.LISTENING))
    assert snapshot.drop_utterance(UtteranceDropped(3))
    assert not snapshot.drop_utterance(UtteranceDropped(3))
    assert not snapshot.accepts(UserText(3, 0, "hm", final=True))
    assert snapshot.accepts(UserText(4, 0, "hello", final=False))


def test_a_turn_that_was_none_is_dropped_although_the_next_has_begun() -> None:
    snapshot = Snapshot()
    snapshot.enter(PhaseChanged(4, 0, Phase.LISTENING))
    assert snapshot.drop_utterance(UtteranceDropped(3))
    assert snapshot.accepts(UserText(4, 0, "hello", final=False))


def test_speech_over_a_reply_counts_only_while_that_reply_is_heard() -> None:
    snapshot = Snapshot()
    assert not snapshot.overlay(OverlapChanged(0, Overlap.DUCKED))
    snapshot.enter(PhaseChanged(2, 0, Phase.SPEAKING))
    assert not snapshot.overlay(OverlapChanged(1, Overlap.DUCKED))
    overlaps = []
    assert snapshot.overlay(OverlapChanged(2, Overlap.PAUSED))
    overlaps.append(snapshot.overlap)
    snapshot.enter(PhaseChanged(2, 0, Phase.IDLE))
    overlaps.append(snapshot.overlap)
    assert overlaps == [Overlap.PAUSED, Overlap.NONE]


def test_the_latency_of_an_earlier_turn_does_not_replace_a_later_one() -> None:
    snapshot = Snapshot()
    later = TurnMeasured(2, LatencyRecord(total=2.0))
    assert snapshot.measure(later)
    assert not snapshot.measure(TurnMeasured(1, LatencyRecord(total=1.0)))
    assert snapshot.latency == later


def test_engines_report_their_progress() -> None:
    progress = LoadProgress("hibari", "Reading the voice", 0.5)
    assert engine_status(EngineLoading("tts", progress)) == EngineStatus(
        "tts", "hibari", "loading", "Reading the voice", 0.5
    )
    assert engine_status(EngineReady("tts", "hibari", 0.8, 0.1)) == EngineStatus("tts", "hibari", "ready", "", 1.0)
    failed = engine_status(EngineFailed("tts", "hibari", "missing-model", "The voice is missing."))
    assert failed == EngineStatus("tts", "hibari", "failed", "The voice is missing.")


@pytest.mark.parametrize(("usable", "obstacle"), [(True, ""), (False, BROKEN)])
def test_only_a_session_that_could_not_be_built_stands_in_the_way(usable: bool, obstacle: str) -> None:
    snapshot = Snapshot()
    assert (snapshot.loading, snapshot.obstacle) == (True, "")
    snapshot.open(SessionOpened(usable))
    assert (snapshot.loading, snapshot.obstacle) == (False, obstacle)
