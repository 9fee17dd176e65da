"""What is stored comes back, in a file and on a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modules.history.base import (
    ConflictError,
    EngineCall,
    FailureNote,
    HistoryError,
    PhaseEntry,
    Selection,
    SessionRecord,
    SoundKind,
    TurnRecord,
    new_session,
)
from modules.history.store import RESUMED_TURNS, HistoryStore
from modules.llm.conversation import Turn
from modules.turn.latency import LatencyRecord
from tests.integration.history.conftest import Open
from tests.unit.modules.history.keeping import NOW, turn

FULL = TurnRecord(
    session="",
    number=3,
    started=NOW + 0.123456,
    ended=NOW + 7.5,
    said="Wie heißt „es“? 🦊",
    heard="Zeile eins\nZeile zwei",
    interrupted=True,
    typed=True,
    spoken=True,
    language="de",
    trace_id="ab" * 16,
    phases=(PhaseEntry("listening", 0, 0.0), PhaseEntry("committed", 1, 812.5)),
    latency=LatencyRecord(final_transcript=110.0, total=6500.5),
    calls=(EngineCall("stt", "whisper", NOW, 80.5), EngineCall("llm", "llama", NOW + 1, 900.25, "timeout")),
)


def test_a_turn_comes_back_as_it_was(store: HistoryStore, session: SessionRecord) -> None:
    saved = store.save(session, [replace(FULL, session=session.id)])[3]
    assert saved.version == 1
    assert saved.id is not None
    assert store.turn(saved.id) == saved == replace(FULL, session=session.id, id=saved.id, version=1)
    assert saved.seconds == pytest.approx(7.376544)
    assert store.stored(session.id, 3) == saved
    assert store.stored(session.id, 4) is None
    assert store.turn(saved.id + 1) is None


def test_a_turn_is_changed_by_who_knows_its_version(store: HistoryStore, session: SessionRecord) -> None:
    first = store.save(session, [turn(session, 1, heard="")])[1]
    second = store.save(session, [replace(first, heard="Hi.")])[1]
    assert (second.id, second.version) == (first.id, 2)
    with pytest.raises(ConflictError):
        store.save(session, [turn(session, 2), replace(first, heard="Late.")])
    assert [(kept.number, kept.heard) for kept in _turns(store, session)] == [(1, "Hi.")]


def test_a_turn_whose_first_storing_was_not_answered_is_stored_once(
    store: HistoryStore, session: SessionRecord
) -> None:
    first = store.save(session, [turn(session, 1)])[1]
    again = store.save(session, [turn(session, 1, heard="More.")])[1]
    assert (again.id, again.version) == (first.id, 2)
    with pytest.raises(ConflictError):
        store.save(session, [turn(session, 1, trace_id="another")])
    assert [kept.heard for kept in _turns(store, session)] == ["More."]


def test_a_turn_that_was_erased_does_not_come_back(store: HistoryStore, session: SessionRecord) -> None:
    first = store.save(session, [turn(session, 1)])[1]
    store.erase(Selection(everything=True))
    assert list(store.save(session, [replace(first, heard="Late."), turn(session, 2)])) == [2]
    assert [kept.number for kept in _turns(store, session)] == [2]


def test_engine_calls_are_added(store: HistoryStore, session: SessionRecord) -> None:
    calls = FULL.calls
    first = store.save(session, [turn(session, 1, calls=calls[:1])])[1]
    store.save(session, [replace(first, calls=calls)])
    assert _turns(store, session)[0].calls == calls


def test_text_that_databases_do_not_take_is_made_so_that_they_do(store: HistoryStore, session: SessionRecord) -> None:
    store.save(session, [turn(session, 1, said="a\0b", heard="c\ud800d")])
    (kept,) = _turns(store, session)
    assert (kept.said, kept.heard) == ("a\ufffdb", "c?d")


def test_many_turns_come_back_in_order(store: HistoryStore, session: SessionRecord) -> None:
    store.save(session, [turn(session, number, f"Question {number}") for number in range(1, 1201)])
    assert [kept.number for kept in _turns(store, session)] == list(range(1, 1201))


def test_sessions_are_listed_by_their_last_turn(store: HistoryStore) -> None:
    old, new = new_session(NOW), new_session(NOW + 1000)
    store.save(new, [turn(new, 2, "Second."), turn(new, 1, "What was said first. " * 20)])
    store.save(old, [turn(old, 5, "Old.", started=NOW + 5000)])
    first, second = store.sessions()
    assert (first.session.id, first.turns, first.last, first.opening) == (old.id, 1, NOW + 5000, "Old.")
    assert (second.session.id, second.turns, second.last) == (new.id, 2, NOW + 1120)
    assert second.opening == ("What was said first. " * 20)[:80]
    assert [entry.session.id for entry in store.sessions(limit=1, offset=1)] == [new.id]
    assert store.matching(old.id[:12]) == [old.id]
    assert store.matching("%") == store.matching("xyz") == []


def test_a_session_is_renamed_by_who_knows_it(store: HistoryStore, session: SessionRecord) -> None:
    store.save(session, [turn(session, 1)])
    renamed = store.rename(session, "  Holidays ")
    assert renamed.title == "Holidays"
    with pytest.raises(ConflictError):
        store.rename(session, "Something else")
    store.end(session.id, NOW + 9)
    kept = store.session(session.id)
    assert kept is not None
    assert kept.session == replace(renamed, ended=NOW + 9)
    assert store.session("unknown") is None


def test_failures_are_noted_once(store: HistoryStore, session: SessionRecord) -> None:
    notes = [FailureNote(NOW, "stt-failed", "It failed.", 1), FailureNote(NOW + 1, "no-voice", "No voice.", 9)]
    store.note(session.id, notes)  # there is no such session yet
    store.save(session, [turn(session, 1)])
    store.note(session.id, notes)
    store.note(session.id, notes)
    kept = store.session(session.id)
    assert kept is not None
    assert kept.failures == (notes[0], replace(notes[1], turn_number=None))


def test_the_last_session_is_gone_on_with(store: HistoryStore, session: SessionRecord) -> None:
    older = new_session(NOW - 9000)
    store.save(session, [turn(session, 1), turn(session, 2, heard=""), turn(session, 7, heard="H", interrupted=True)])
    store.save(older, [turn(older, 1)])
    assert store.last_session(3600.0, NOW + 420 + 3601) is None
    resumed = store.last_session(3600.0, NOW + 420 + 3599)
    assert resumed is not None
    assert resumed.session.id == session.id
    assert resumed.last_number == 7
    assert resumed.conversation == (Turn("Hello.", "Hi."), Turn("Hello.", "H", True))


def test_only_the_end_of_a_long_session_is_gone_on_with(store: HistoryStore, session: SessionRecord) -> None:
    store.save(session, [turn(session, number) for number in range(1, RESUMED_TURNS + 50)])
    resumed = store.last_session(9e9, NOW)
    assert resumed is not None
    assert [kept.number for kept in resumed.turns] == list(range(50, RESUMED_TURNS + 50))


def test_a_recording_is_kept_beside_the_words(store: HistoryStore, session: SessionRecord) -> None:
    saved = store.save(session, [turn(session, 1)])[1]
    assert saved.id is not None
    heard = store.keep_sound(saved.id, SoundKind.HEARD, b"heard", 2.0)
    said = store.keep_sound(saved.id, SoundKind.SAID, b"said", 1.0)
    again = store.keep_sound(saved.id, SoundKind.SAID, b"again", 1.5)
    assert _turns(store, session)[0].sounds == (again, heard)
    assert (store.sounds.read(again.file), store.sounds.read(heard.file)) == (b"again", b"heard")
    assert not (store.sounds.folder / said.file).exists()
    with pytest.raises(HistoryError, match="erased"):
        store.keep_sound(saved.id + 1, SoundKind.SAID, b"x", 1.0)
    assert len(list(store.sounds.folder.iterdir())) == 2


def test_what_is_meant_is_exported(store: HistoryStore) -> None:
    first, second = new_session(NOW), new_session(NOW + 10_000)
    store.save(second, [turn(second, 1)])
    saved = store.save(first, [turn(first, number) for number in (1, 2, 3)])
    found = store.conversations(Selection(everything=True))
    assert [(each.session.id, len(each.turns)) for each in found] == [(first.id, 3), (second.id, 1)]
    (some,) = store.conversations(Selection(since=NOW + 120.0, until=NOW + 180.0))
    assert [kept.number for kept in some.turns] == [2]
    (some,) = store.conversations(Selection(sessions=(first.id,), turns=(saved[3].id or 0,)))
    assert [kept.number for kept in some.turns] == [3]
    assert store.count(Selection(until=NOW + 180.0)) == 2


def test_another_process_sees_it(opened: Open, session: SessionRecord) -> None:
    one, other = opened(), opened()
    one.save(session, [turn(session, 1)])
    assert [kept.number for kept in _turns(other, session)] == [1]


def test_a_selection_says_what_it_means() -> None:
    with pytest.raises(ValueError, match="everything"):
        Selection()
    with pytest.raises(ValueError, match="everything"):
        Selection(turns=(1,), everything=True)


def _turns(store: HistoryStore, session: SessionRecord) -> tuple[TurnRecord, ...]:
    found = store.session(session.id)
    assert found is not None
    return found.turns
