"""Whole turns over fakes, on a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from modules.audio.base import AudioError
from modules.llm.base import LanguageModelError, Message
from modules.stt.base import TranscriptionError
from modules.turn.events import (
    Notice,
    ReplyEnded,
    ReplyText,
    TurnMeasured,
    UserText,
)
from modules.turn.machine import Phase
from modules.turn.session import TurnSession
from modules.turn.settings import SessionSettings
from tests.fakes.clock import run_virtual
from tests.fakes.desk import REPLY, Desk, play, talk, until, whole_turn
from tests.fakes.engines import FakeLanguageModel, FakeTranscriber


def test_a_spoken_turn() -> None:
    desk = Desk()
    session = play(desk, whole_turn)
    assert desk.phases == [Phase.LISTENING, Phase.SPECULATIVE, Phase.COMMITTED, Phase.SPEAKING, Phase.IDLE]
    assert desk.of(UserText) == [UserText(1, 0, "what is the capital of france", final=True)]
    assert desk.reply == REPLY
    assert desk.of(ReplyEnded) == [ReplyEnded(1, 0, REPLY, interrupted=False, spoken=True)]
    assert desk.synthesizer.spoken == ["The capital of France is Paris.", "It is a big city."]
    assert [turn.assistant for turn in session.conversation.turns] == [REPLY]
    assert len(desk.transcriber.streams[0].fed) == pytest.approx(50, abs=2)
    assert not desk.source.is_open


def test_the_latency_record_counts_from_the_release() -> None:
    desk = Desk()
    play(desk, whole_turn)
    record = desk.of(TurnMeasured)[0].record
    assert record.final_transcript == pytest.approx(100, abs=25)
    assert record.first_token == pytest.approx(150, abs=25)
    assert record.first_clause == pytest.approx(180, abs=25)
    assert record.first_audio == pytest.approx(190, abs=25)
    assert record.first_audible == pytest.approx(210, abs=25)
    assert record.total is not None
    assert 900 < record.total < 2500


def test_typed_text_is_answered_aloud_without_the_microphone() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.submit("  What is the capital of France?  ")

    play(desk, script)
    assert desk.of(UserText) == [UserText(1, 0, "What is the capital of France?", final=True, typed=True)]
    assert desk.source.opened == 0
    assert desk.of(ReplyEnded)[0].spoken


def test_the_conversation_goes_into_the_next_prompt() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        await whole_turn(session)
        await whole_turn(session)

    play(desk, script)
    roles = [message.role for message in desk.model.prompts[1]]
    assert roles == ["system", "user", "assistant", "user"]
    assert desk.model.prompts[1][2] == Message("assistant", REPLY)


def test_pressing_the_key_over_the_answer_begins_the_next_turn() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        await talk(session)
        await until(desk, session, Phase.SPEAKING)
        await asyncio.sleep(0.2)
        await talk(session)

    play(desk, script)
    assert [(ended.turn_id, ended.interrupted) for ended in desk.of(ReplyEnded)] == [(1, True), (2, False)]
    assert desk.output.begun == 2
    assert not [text for text in desk.of(ReplyText) if text.turn_id == 1][len(desk.model.reply) :]


def test_typing_over_the_answer_ends_it() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.submit("one")
        await until(desk, session, Phase.SPEAKING)
        session.submit("two")

    play(desk, script)
    assert [(e.turn_id, e.interrupted) for e in desk.of(ReplyEnded)] == [(1, True), (2, False)]


@pytest.mark.parametrize("delay", [0.0, 0.005, 0.5, 1.0, 1.05, 1.12, 1.16, 1.3, 2.0])
def test_stop_at_any_moment_leads_to_a_working_next_turn(delay: float) -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        talking = asyncio.ensure_future(talk(session))
        await asyncio.sleep(delay)
        session.stop()
        await talking
        await session.idle()
        desk.events.clear()
        await whole_turn(session)

    play(desk, script)
    assert desk.phases[-2:] == [Phase.SPEAKING, Phase.IDLE]
    assert desk.of(ReplyEnded)[-1].text == REPLY
    assert not desk.source.is_open


FAILURES: list[tuple[str, Callable[[Desk], None], str]] = [
    (
        "no microphone",
        lambda d: setattr(d.source, "open_error", AudioError("no-device", "No microphone.")),
        "no-device",
    ),
    ("microphone lost", lambda d: setattr(d.source, "lose_after", 0.3), "device-lost"),
    ("transcription", lambda d: d.transcriber.errors.append(TranscriptionError("stt", "Broken.")), "stt"),
    ("model at once", lambda d: d.model.errors.update({0: LanguageModelError("llm", "Broken.")}), "llm"),
    ("model in mid-stream", lambda d: d.model.errors.update({4: LanguageModelError("llm", "Broken.")}), "llm"),
    ("model says nothing", lambda d: setattr(d.model, "reply", ["  "]), "empty-reply"),
]


@pytest.mark.parametrize(("break_it", "code"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
def test_a_failure_is_one_sentence_and_the_next_turn_works(break_it: Callable[[Desk], None], code: str) -> None:
    desk = Desk()
    break_it(desk)

    async def script(session: TurnSession) -> None:
        await whole_turn(session)
        assert [(notice.severity, notice.code) for notice in desk.of(Notice)] == [("error", code)]
        assert session.state.phase is Phase.IDLE
        desk.source.open_error = desk.source.lose_after = None
        desk.model.errors.clear()
        desk.model.reply = FakeLanguageModel().reply
        desk.events.clear()
        await whole_turn(session)

    play(desk, script)
    assert desk.of(Notice) == []
    assert desk.of(ReplyEnded)[0].text == REPLY


def test_an_unexpected_exception_is_also_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.model.errors[0] = ValueError("native code went mad")  # type: ignore[assignment]  # anything may come
    play(desk, whole_turn)
    assert desk.of(Notice)[0].text == "Something unexpected went wrong (ValueError). Please try again."
    assert "native code went mad" in caplog.text


def test_the_system_prompt_is_read_ahead() -> None:
    desk = Desk(settings=SessionSettings(system_prompt="Be brief."))
    play(desk, whole_turn)
    assert desk.model.prefilled == [[Message("system", "Be brief.")]]


def test_the_words_so_far_are_read_ahead_while_the_user_speaks() -> None:
    desk = Desk(transcriber=FakeTranscriber(partials=["what", "what is the"]))
    play(desk, whole_turn)
    assert [prompt[-1] for prompt in desk.model.prefilled[1:]] == [
        Message("user", "what"),
        Message("user", "what is the"),
    ]


def test_close_in_mid_turn_leaves_nothing_running() -> None:
    desk = Desk(model=FakeLanguageModel(hang_at=2))

    async def main() -> set[asyncio.Task[object]]:
        session = desk.session()
        await session.load()
        await talk(session)
        await asyncio.sleep(1.0)
        await session.close()
        return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}

    assert run_virtual(main) == set()
    assert desk.model.closed
    assert desk.transcriber.closed
    assert desk.synthesizer.closed
    assert not desk.output.is_open


def test_close_while_somebody_speaks_drops_the_utterance() -> None:
    desk = Desk()

    async def main() -> None:
        session = desk.session()
        await session.load()
        session.press()
        await asyncio.sleep(0.5)
        await session.close()

    run_virtual(main)
    assert desk.transcriber.streams[0].cancelled
    assert not desk.source.is_open


def test_a_hanging_model_is_ended_by_stop() -> None:
    desk = Desk(model=FakeLanguageModel(hang_at=0))

    async def script(session: TurnSession) -> None:
        await talk(session)
        await asyncio.sleep(5.0)
        assert session.state.phase is Phase.COMMITTED
        session.stop()
        await session.idle()
        desk.model.hang_at = None
        await whole_turn(session)

    session = play(desk, script)
    assert [turn.assistant for turn in session.conversation.turns] == [REPLY]
