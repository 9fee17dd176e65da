"""What is stored when, and what happens when it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from modules.history.base import HistoryError, Resumed, SessionRecord, SoundKind, new_session
from modules.history.drafts import Drafts, Moment, Sound
from modules.history.saver import BATCH, Limits, Pace, Saver
from modules.turn.events import Notice, PhaseChanged, ReplyText, SessionEvent, UtteranceDropped
from tests.unit.modules.history.keeping import NOW, FakeKeeper, begun, failure, over, told, turn
from utils.errors import ArvisError

PACE = Pace()


@dataclass
class Bench:
    """A saver with what it works on."""

    keeper: FakeKeeper = field(default_factory=FakeKeeper)
    limits: Limits = field(default_factory=Limits)
    resume_seconds: float = 0.0
    complaints: list[str] = field(default_factory=list)
    resumed: list[Resumed | None] = field(default_factory=list)
    opening: Callable[[], FakeKeeper] | None = None

    def __post_init__(self) -> None:
        self.drafts = Drafts()
        self.saver = Saver(
            self.opening or self.keeper,
            self.drafts,
            self._complain,
            self.limits,
            self.resumed.append,
            self.resume_seconds,
            PACE,
            lambda: NOW,
        )

    def tell(self, *events: SessionEvent) -> Bench:
        for event in events:
            self.drafts.take(event, Moment(0.0, NOW))
        return self

    def _complain(self, error: ArvisError) -> None:
        self.complaints.append(error.code)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_turn_is_stored_once_and_again_when_it_has_changed(bench: Bench) -> None:
    bench.tell(*begun(1), ReplyText(1, 0, "Hi ")).saver.step(0.0)
    assert bench.keeper.words == [("Hello.", "Hi ")]
    bench.saver.step(1.0)
    assert bench.keeper.batches == [1]
    bench.tell(*over(1, "Hi there.")).saver.step(2.0)
    assert bench.keeper.words == [("Hello.", "Hi there.")]
    (kept,) = bench.keeper.turns.values()
    assert (kept.number, kept.version, kept.session) == (1, 2, bench.saver.session.id)
    assert bench.saver.is_done


def test_while_an_answer_comes_in_it_is_stored_every_so_often(bench: Bench) -> None:
    assert bench.tell(*begun(1)).saver.step(0.0) == PACE.batch
    assert bench.tell(*over(1)).saver.step(0.1) == PACE.first_look - 0.1


def test_many_turns_are_stored_together(bench: Bench) -> None:
    for number in range(1, 2 * BATCH + 50):
        bench.tell(*told(number))
    bench.saver.step(0.0)
    assert bench.keeper.batches == [BATCH, BATCH, 49]
    assert len(bench.keeper.turns) == 2 * BATCH + 49


@pytest.mark.parametrize("code", ["busy", "disk-full", "cannot-write", "unreachable", "offline"])
def test_what_could_not_be_stored_is_stored_later(bench: Bench, code: str) -> None:
    bench.keeper.errors = [failure(code, retryable=code != "offline")] * 3
    bench.tell(*told(1))
    waits = [bench.saver.step(now) for now in (0.0, 0.05, 0.125, 0.375)]
    assert waits == pytest.approx([0.1, 0.05, 0.2, 0.4])
    assert bench.keeper.words == []
    bench.tell(*told(2)).saver.step(0.8)
    assert bench.keeper.words == [("Hello.", "Hi there.")] * 2
    assert bench.saver.is_done


def test_the_user_is_told_once_for_each_outage_and_not_of_what_passes(bench: Bench) -> None:
    now = 0.0
    for code, expected in (("busy", []), ("disk-full", ["disk-full"]), ("disk-full", ["disk-full", "disk-full"])):
        bench.keeper.errors = [failure(code)] * 4
        bench.tell(*told(int(now) + 1))
        while not bench.saver.is_done:
            due = bench.saver.step(now)
            assert due is not None
            now += min(due, 2.0) + 0.001
        assert bench.complaints == expected
        now += 10.0


def test_of_a_lock_that_stays_the_user_is_told(bench: Bench) -> None:
    bench.keeper.errors = [failure("busy")] * 50
    bench.tell(*told(1))
    due, told_at = 0.0, 0.0
    while not bench.complaints:
        told_at = due
        due += bench.saver.step(told_at) or 0.0
    assert PACE.patience <= told_at < 2 * PACE.patience
    assert bench.complaints == ["busy"]


def test_attempts_become_rare(bench: Bench) -> None:
    bench.keeper.errors = [failure("busy")] * 50
    now, waits = 0.0, []
    bench.tell(*told(1))
    for _ in range(12):
        waits.append(bench.saver.step(now) or 0.0)
        now += waits[-1]
    assert waits[:4] == pytest.approx([0.1, 0.2, 0.4, 0.8])
    assert waits[-1] == PACE.longest_retry


def test_a_history_that_nothing_can_be_done_about_is_off(bench: Bench) -> None:
    bench.keeper.errors = [failure("damaged", retryable=False)]
    bench.tell(*told(1))
    assert bench.saver.step(0.0) is None
    assert (bench.saver.is_off, bench.complaints) == (True, ["damaged"])
    assert bench.saver.step(9.0) is None
    assert bench.keeper.batches == []


def test_a_store_that_does_not_open_is_opened_again() -> None:
    keeper = FakeKeeper()
    attempts: list[HistoryError | None] = [failure("unreachable"), failure("unreachable"), None]

    def opening() -> FakeKeeper:
        error = attempts.pop(0)
        if error is not None:
            raise error
        return keeper

    bench = Bench(opening=opening).tell(*told(1))
    for now in (0.0, 0.125, 0.375):
        bench.saver.step(now)
    assert keeper.words == [("Hello.", "Hi there.")]
    assert bench.resumed == [None]


def test_a_store_that_never_opens_resumes_nothing() -> None:
    def opening() -> FakeKeeper:
        raise failure("newer", retryable=False)

    bench = Bench(opening=opening, resume_seconds=60.0)
    assert bench.saver.step(0.0) is None
    assert (bench.resumed, bench.complaints) == ([None], ["newer"])
    assert bench.saver.step(0.0, last=True) is None


def test_one_turn_that_cannot_be_stored_does_not_keep_out_the_others(bench: Bench) -> None:
    bench.keeper.poison = "Poison."
    bench.tell(*told(1), *told(2, "Poison."), *told(3)).saver.step(0.0)
    assert [turn.number for turn in bench.keeper.turns.values()] == [1, 3]
    assert bench.saver.is_done
    assert not bench.saver.is_off


def test_what_was_erased_meanwhile_does_not_come_back(bench: Bench) -> None:
    bench.tell(*begun(1)).saver.step(0.0)
    bench.keeper.turns.clear()
    bench.tell(*over(1), *told(2)).saver.step(1.0)
    assert [turn.number for turn in bench.keeper.turns.values()] == [2]
    assert bench.saver.is_done


def test_a_turn_that_was_stored_although_no_answer_came_is_built_on(bench: Bench) -> None:
    bench.tell(*begun(1)).saver.step(0.0)
    ((place, kept),) = bench.keeper.turns.items()
    bench.keeper.turns[place] = replace(kept, version=kept.version + 1)
    bench.tell(*over(1)).saver.step(1.0)
    assert bench.keeper.words == [("Hello.", "Hi there.")]
    assert bench.keeper.turns[place].version == kept.version + 2


def test_a_turn_that_somebody_else_changes_and_erases_is_let_go(bench: Bench) -> None:
    bench.tell(*begun(1)).saver.step(0.0)
    ((place, kept),) = bench.keeper.turns.items()
    bench.keeper.turns[place] = replace(kept, version=9)

    class Fickle(FakeKeeper):
        def stored(self, session: str, number: int) -> None:
            self.turns.clear()

    bench.keeper.__class__ = Fickle
    bench.tell(*over(1)).saver.step(1.0)
    assert bench.keeper.words == []
    assert bench.saver.is_done


def test_two_that_go_on_with_one_session_keep_apart() -> None:
    past = new_session(NOW - 100)
    keeper = FakeKeeper(resumed=Resumed(past, (turn(past, 4),)))
    first, second = (Bench(keeper, resume_seconds=3600.0) for _ in range(2))
    first.saver.step(0.0)
    second.saver.step(0.0)
    first.tell(*told(1, "Mine.")).saver.step(1.0)
    theirs = [
        replace(event, trace_id="other") if isinstance(event, PhaseChanged) else event for event in told(1, "Theirs.")
    ]
    second.tell(*theirs).saver.step(1.0)
    assert sorted(turn.said for turn in keeper.turns.values()) == ["Mine.", "Theirs."]
    assert first.saver.session.id == past.id != second.saver.session.id
    assert second.saver.is_done


def test_conflicts_without_end_are_trouble_and_not_a_loop(bench: Bench) -> None:
    bench.tell(*begun(1)).saver.step(0.0)

    class Restless(FakeKeeper):
        def stored(self, session: str, number: int) -> None:
            place = (session, number)
            found = self.turns[place]
            self.turns[place] = replace(found, version=found.version + 1)
            return found  # type: ignore[return-value]

    bench.keeper.__class__ = Restless
    bench.keeper.stored(*next(iter(bench.keeper.turns)))
    bench.tell(*over(1)).saver.step(1.0)
    assert not bench.saver.is_done
    bench.keeper.__class__ = FakeKeeper
    bench.saver.step(2.0)
    assert bench.keeper.words == [("Hello.", "Hi there.")]


def test_a_session_is_gone_on_with() -> None:
    past = new_session(NOW - 100)
    resumed = Resumed(past, (turn(past, 3), turn(past, 8)))
    bench = Bench(FakeKeeper(resumed=resumed, errors=[failure("busy")]), resume_seconds=3600.0)
    bench.saver.step(0.0)
    assert (bench.resumed, bench.keeper.closed) == ([], 1)
    bench.saver.step(1.0)
    assert bench.resumed == [resumed]
    bench.tell(*told(1)).saver.step(1.0)
    assert list(bench.keeper.turns) == [(past.id, 9)]
    assert bench.keeper.ends == [None]


def test_failures_wait_for_the_first_turn(bench: Bench) -> None:
    bench.tell(Notice("error", "stt-failed", "It failed.", 1)).saver.step(0.0)
    assert bench.keeper.failures == []
    bench.tell(*told(2)).saver.step(1.0)
    assert [(note.code, note.turn_number) for note in bench.keeper.failures] == [("stt-failed", 1)]
    bench.saver.step(2.0)
    assert len(bench.keeper.failures) == 1


def test_recordings_are_stored_after_their_turn(bench: Bench) -> None:
    bench.tell(*told(1))
    bench.drafts.sound(1, Sound(SoundKind.SAID, 1.0, lambda: b"said"))
    bench.drafts.sound(1, Sound(SoundKind.HEARD, 1.0, lambda: b"heard"))
    bench.keeper.errors = [failure("disk-full")]
    bench.saver.step(0.0)
    bench.keeper.errors = []
    bench.saver.step(1.0)
    assert [(kind, wav) for _, kind, wav in bench.keeper.sounds] == [("said", b"said"), ("heard", b"heard")]
    assert bench.saver.is_done


def test_a_recording_that_cannot_be_stored_is_left_out(bench: Bench) -> None:
    bench.tell(*told(1)).saver.step(0.0)
    bench.drafts.sound(1, Sound(SoundKind.SAID, 1.0, bytes))
    bench.keeper.errors = [failure("no-turn", retryable=False)]
    bench.saver.step(1.0)
    assert bench.saver.is_done
    assert bench.keeper.sounds == []
    assert not bench.saver.is_off


def test_a_recording_waits_for_a_disk_that_is_full(bench: Bench) -> None:
    bench.tell(*told(1)).saver.step(0.0)
    bench.drafts.sound(1, Sound(SoundKind.SAID, 1.0, lambda: b"said"))
    bench.keeper.errors = [failure("disk-full")]
    bench.saver.step(1.0)
    assert bench.complaints == ["disk-full"]
    bench.saver.step(2.0)
    assert len(bench.keeper.sounds) == 1


def test_what_was_no_utterance_is_erased(bench: Bench) -> None:
    bench.tell(*begun(1)).saver.step(0.0)
    ((_, kept),) = bench.keeper.turns.items()
    bench.tell(UtteranceDropped(1))
    assert not bench.saver.is_done
    bench.saver.step(1.0)
    assert [selection.turns for selection in bench.keeper.erased] == [(kept.id,)]
    assert bench.saver.is_done


def test_what_is_too_old_is_looked_for_now_and_then_but_not_during_an_answer() -> None:
    bench = Bench(limits=Limits(days=30, turns=500))
    bench.saver.step(0.0)
    assert bench.keeper.retained == []
    bench.tell(*begun(1)).saver.step(PACE.first_look)
    assert bench.keeper.retained == []
    bench.tell(*over(1)).saver.step(PACE.first_look + 1)
    bench.limits.days = 7
    bench.saver.step(PACE.first_look + 2)
    assert bench.keeper.retained == [(30, 500)]
    bench.keeper.errors = [failure("busy")]
    bench.saver.step(PACE.first_look + 1 + PACE.next_look)
    assert bench.keeper.retained == [(30, 500), (7, 500)]
    assert bench.saver.is_done


def test_at_the_end_it_is_tried_in_any_case(bench: Bench) -> None:
    bench.keeper.errors = [failure("disk-full")]
    bench.tell(*told(1)).saver.step(0.0)
    bench.saver.step(0.0, last=True)
    assert bench.keeper.words == [("Hello.", "Hi there.")]
    assert (bench.keeper.ends, bench.keeper.closed) == ([NOW], 1)


def test_at_the_end_a_session_without_a_turn_is_not_stored(bench: Bench) -> None:
    bench.saver.step(0.0, last=True)
    assert (bench.keeper.ends, bench.keeper.closed) == ([], 1)


def test_what_is_lost_in_the_end_is_logged(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.keeper.errors = [failure("disk-full")] * 9

    class Stubborn(FakeKeeper):
        def end(self, session: str, ended: float | None) -> None:
            raise failure("disk-full")

    bench.tell(*told(1, "A secret.")).saver.step(0.0, last=True)
    assert "1 turns are lost, as they could not be stored" in caplog.text
    other = Bench(Stubborn()).tell(*told(1))
    other.saver.step(0.0, last=True)
    assert "not closed properly: disk-full" in caplog.text
    assert "secret" not in caplog.text


def test_only_so_many_turns_wait(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modules.history.saver.MOST_WAITING", 10)
    bench = Bench(FakeKeeper(errors=[failure("disk-full")]))
    for number in range(1, 31):
        bench.tell(*told(number))
    bench.saver.step(0.0)
    bench.saver.step(1.0)
    assert [turn.number for turn in bench.keeper.turns.values()] == list(range(17, 31))
    assert "16 turns are lost" in caplog.text


def test_a_session_has_a_name_of_its_own() -> None:
    assert len({new_session(NOW).id for _ in range(100)}) == 100
    assert isinstance(Bench().saver.session, SessionRecord)
