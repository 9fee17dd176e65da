"""The listener and its thread. The disk is a store that does what a test tells it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.history import writer as module
from modules.history.base import EngineCall, Resumed, SoundKind, new_session
from modules.history.saver import Pace
from modules.history.writer import HistoryWriter
from modules.turn.events import InputLevel, Notice, ReplyText, SessionEvent
from modules.turn.session import TurnSession
from tests.fakes.desk import Desk, play, whole_turn
from tests.unit.modules.history.keeping import NOW, FakeKeeper, begun, failure, over, told, turn
from utils.errors import ArvisError

Make = Callable[..., HistoryWriter]


@pytest.fixture
def complaints() -> list[ArvisError]:
    return []


@pytest.fixture
def make(complaints: list[ArvisError]) -> Iterator[Make]:
    made: list[HistoryWriter] = []

    def build(keeper: FakeKeeper, **more: object) -> HistoryWriter:
        options = {"pace": Pace(batch=0.01, first_retry=0.001), "wall": lambda: NOW} | more
        made.append(HistoryWriter(keeper, complaints.append, **options))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for writer in made:
        assert writer.close(30.0)


@dataclass
class WrittenDesk(Desk):
    """A session whose history is written."""

    writer: HistoryWriter = field(kw_only=True)

    def __call__(self, event: SessionEvent) -> None:
        super().__call__(event)
        self.writer(event)


def tell(writer: HistoryWriter, events: list[SessionEvent]) -> None:
    for event in events:
        writer(event)


def test_turns_are_stored(make: Make) -> None:
    keeper = FakeKeeper()
    writer = make(keeper)
    tell(writer, told(1, "First."))
    writer.start()
    tell(writer, told(2, "Second."))
    assert writer.flush(30.0)
    assert sorted(keeper.words) == [("First.", "Hi there."), ("Second.", "Hi there.")]


def test_the_listener_goes_on_while_the_disk_does_not_answer_and_nothing_is_lost(make: Make) -> None:
    keeper = FakeKeeper(gate=threading.Event())
    writer = make(keeper)
    writer.start()
    tell(writer, told(1))
    assert keeper.entered.wait(30.0)
    for number in range(2, 301):  # all of this returns although the thread is stuck
        tell(writer, told(number, f"Question {number}.", f"Answer {number}."))
    assert keeper.words == []
    assert not writer.flush(0.0)
    assert keeper.gate is not None
    keeper.gate.set()
    assert writer.flush(30.0)
    assert [turn.number for turn in keeper.turns.values()] == list(range(1, 301))
    assert keeper.words[-1] == ("Question 300.", "Answer 300.")


def test_a_conversation_takes_the_same_time_with_a_disk_that_does_not_answer(make: Make) -> None:
    async def script(session: TurnSession) -> None:
        for _ in range(3):
            await whole_turn(session)

    keeper = FakeKeeper(gate=threading.Event())
    writer = make(keeper)
    writer.start()
    plain, written = Desk(), WrittenDesk(writer=writer)
    play(plain, script)
    play(written, script)
    assert not writer.flush(0.0)
    assert written.events == plain.events  # with the milliseconds of every stage
    assert keeper.gate is not None
    keeper.gate.set()
    assert writer.flush(30.0)
    assert [turn.heard for turn in keeper.turns.values()] == ["The capital of France is Paris. It is a big city."] * 3


def test_an_answer_is_stored_while_it_comes_in(make: Make) -> None:
    keeper = FakeKeeper()
    writer = make(keeper)
    writer.start()
    tell(writer, [*begun(1), ReplyText(1, 0, "Hi ")])
    assert writer.flush(30.0)
    assert keeper.words == [("Hello.", "Hi ")]
    tell(writer, over(1))
    assert writer.flush(30.0)
    assert keeper.words == [("Hello.", "Hi there.")]


def test_pieces_are_left_out_first(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PIECES", 50)
    keeper = FakeKeeper()
    writer = make(keeper)
    tell(writer, [*begun(1), *[ReplyText(1, 0, "x ")] * 100, *over(1, "x " * 100)])
    assert len(writer._items) < 60
    writer.start()
    assert writer.flush(30.0)
    assert keeper.words == [("Hello.", "x " * 100)]


def test_what_waits_has_an_end(make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(module, "MOST_EVENTS", 30)
    keeper = FakeKeeper()
    writer = make(keeper)
    for number in range(1, 11):
        tell(writer, told(number))
    assert len(writer._items) == 30
    monkeypatch.setattr(module, "MOST_EVENTS", 1000)
    writer.start()
    assert writer.flush(30.0)
    assert 1 <= len(keeper.turns) <= 4
    assert "events are not in the history" in caplog.text


def test_what_says_nothing_about_turns_takes_no_room(make: Make) -> None:
    writer = make(FakeKeeper())
    tell(writer, [InputLevel(0.1), Notice("info", "muted", "Muted."), *begun(1)[2:3]])
    assert len(writer._items) == 0


def test_recordings_are_made_into_files_on_the_thread(make: Make) -> None:
    keeper = FakeKeeper()
    writer = make(keeper)
    writer.start()
    tell(writer, told(1))
    writer.keep_sound(1, SoundKind.HEARD, AudioChunk(np.zeros(1600, np.float32), 16_000))
    assert writer.flush(30.0)
    ((id_, kind, wav),) = keeper.sounds
    assert (id_, kind, wav[:4], len(wav)) == (100, "heard", b"RIFF", 44 + 3200)


def test_recordings_that_wait_have_an_end(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SOUND", 10_000)
    keeper = FakeKeeper()
    writer = make(keeper)
    tell(writer, told(1))
    chunk = AudioChunk(np.zeros(1600, np.float32), 16_000)
    for _ in range(3):
        writer.keep_sound(1, SoundKind.SAID, chunk)
    writer.start()
    assert writer.flush(30.0)
    assert len(keeper.sounds) == 1
    writer.keep_sound(1, SoundKind.SAID, chunk)
    assert writer.flush(30.0)
    assert len(keeper.sounds) == 2


def test_engine_calls_come_with_their_turn(make: Make) -> None:
    keeper = FakeKeeper()
    writer = make(keeper, language=lambda: "ru")
    writer.start()
    tell(writer, begun(1))
    writer.called(EngineCall("llm", "llama", NOW, 5.0, "timeout"))
    tell(writer, over(1))
    assert writer.flush(30.0)
    (kept,) = keeper.turns.values()
    assert [call.error_code for call in kept.calls] == ["timeout"]
    assert kept.language == "ru"


def test_it_ends_with_everything_stored(make: Make) -> None:
    keeper = FakeKeeper()
    writer = make(keeper)
    writer.start()
    tell(writer, told(1))
    assert writer.close(30.0)
    assert (keeper.words, keeper.ends, keeper.closed) == ([("Hello.", "Hi there.")], [NOW], 1)
    tell(writer, told(2))
    assert len(writer._items) == 0


def test_it_does_not_wait_for_a_disk_for_ever(make: Make) -> None:
    keeper = FakeKeeper(gate=threading.Event())
    writer = make(keeper)
    writer.start()
    tell(writer, told(1))
    assert keeper.entered.wait(30.0)
    assert not writer.close(0.01)
    assert keeper.gate is not None
    keeper.gate.set()


def test_one_that_was_never_started_can_be_closed(make: Make) -> None:
    assert make(FakeKeeper()).close()


def test_what_is_resumed_is_told(make: Make) -> None:
    past = new_session(NOW)
    resumed = Resumed(past, (turn(past, 2),))
    told_: list[Resumed | None] = []
    writer = make(FakeKeeper(resumed=resumed), resume_seconds=60.0, on_resumed=told_.append)
    writer.start()
    assert writer.flush(30.0)
    assert told_ == [resumed]


def test_a_history_that_is_off_takes_nothing_more(make: Make, complaints: list[ArvisError]) -> None:
    writer = make(FakeKeeper(errors=[failure("damaged", retryable=False)]))
    tell(writer, told(1))
    writer.start()
    assert not writer.flush(0.0)
    while not complaints:
        assert not writer.flush(0.01)
    tell(writer, told(2))
    assert [error.code for error in complaints] == ["damaged"]


def test_a_mistake_of_ours_is_told_and_quotes_nobody(
    make: Make, complaints: list[ArvisError], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(FakeKeeper):
        def stored(self, session: str, number: int) -> None:
            raise AssertionError

        def save(self, session: object, turns: object) -> dict[int, object]:  # type: ignore[override]
            raise TypeError("what is wrong with 'my secret'?")

    writer = make(Broken())
    writer.start()
    tell(writer, told(1))
    assert writer.close(30.0)
    assert [error.code for error in complaints] == ["unexpected"]
    assert "TypeError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("name", ["writer", "saver", "drafts", "opening", "exporting", "base", "sounds", "words"])
def test_nothing_heavy_comes_along(name: str) -> None:
    heavy = ("sqlalchemy", "alembic", "psycopg", "soundfile")
    code = f"import sys, modules.history.{name}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
