"""A reply that somebody speaks over, and others who want something meanwhile, over fakes in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from modules.llm.conversation import Turn
from modules.turn.events import ReplyEnded, TurnMeasured
from modules.turn.session import TurnSession
from modules.turn.settings import ListeningMode
from modules.turn.state import Overlap, Phase
from modules.turn.watchdog import PAUSED_LIMIT
from tests.fakes.clock import loop_time
from tests.fakes.desk import REPLY, play, until
from tests.fakes.engines import FakeLanguageModel, FakeTranscriber
from tests.fakes.room import LONG, ask, becomes, open_desk, opened, overlaps, say, speaking, talkative

DUCKED, PAUSED, NONE = Overlap.DUCKED, Overlap.PAUSED, Overlap.NONE


@pytest.mark.parametrize("overlap", [DUCKED, PAUSED])
def test_a_reply_that_is_softer_or_held_can_be_stopped(overlap: Overlap) -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        desk.source.sounds.append((2.0, 0.08))  # not surely speech at first
        await becomes(lambda: session.state.overlap is overlap)
        session.stop()
        assert session.state.phase is Phase.IDLE
        await asyncio.sleep(4.0)
        desk.model.reply = ("Yes.",)
        await ask(desk, session, "and now")

    session = play(desk, script)
    assert [turn.assistant for turn in session.conversation.turns][-1] == "Yes."
    assert not desk.output.paused
    assert session.state.turn_id == 2, "what is being said is dropped as well; after a silence the user is heard again"


def test_the_reply_after_a_held_one_is_as_loud_as_ever() -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, 0.3, "Mm-hmm.")
        session.submit("something else")
        await session.idle()

    session = play(desk, script)
    assert [turn.user for turn in session.conversation.turns] == ["count to four", "something else"]
    assert not desk.output.paused
    assert desk.of(ReplyEnded)[-1].interrupted is False


def test_typed_text_hands_free() -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await opened(desk)
        session.submit("typed")
        await until(desk, session, Phase.SPEAKING)
        await asyncio.sleep(0.5)
        await say(desk, 1.0, "what about five")
        await session.idle()

    session = play(desk, script)
    assert [turn.user for turn in session.conversation.turns] == ["typed", "what about five"]
    assert session.conversation.turns[0].interrupted


@pytest.mark.parametrize("seconds", [0.1, 0.3])
def test_a_cough_does_not_drop_what_was_typed_and_is_not_answered_yet(seconds: float) -> None:
    desk = open_desk(model=FakeLanguageModel(first_token_seconds=2.0), transcriber=FakeTranscriber(text=""))

    async def script(session: TurnSession) -> None:
        await opened(desk)
        session.submit("typed")
        await asyncio.sleep(0.5)
        await say(desk, seconds)
        await session.idle()

    session = play(desk, script)
    assert session.conversation.turns == (Turn("typed", REPLY),)


@pytest.mark.parametrize("early", [0.05, 0.1, 0.2, 0.4])
def test_a_key_that_is_released_before_the_last_word_is_over_keeps_the_question(early: float) -> None:
    desk = open_desk(model=FakeLanguageModel(first_token_seconds=0.5))

    async def script(session: TurnSession) -> None:
        await opened(desk)
        session.press()
        desk.source.sounds.append((1.5, 0.3))
        await asyncio.sleep(1.5 - early)
        session.release()
        await session.idle()

    session = play(desk, script)
    assert session.conversation.turns == (Turn("what is the capital of france", REPLY),)


def test_typing_while_somebody_speaks_drops_what_is_being_said() -> None:
    desk = open_desk()

    async def script(session: TurnSession) -> None:
        await say(desk, 0.5)
        session.submit("typed")
        await say(desk, 0.5)
        await session.idle()

    session = play(desk, script)
    assert [turn.user for turn in session.conversation.turns] == ["typed"]
    assert desk.of(TurnMeasured)[0].record.total is not None


def test_a_microphone_that_is_lost_over_a_held_reply_lets_it_play_on() -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, 0.2)
        await becomes(lambda: desk.output.paused)
        session.set_listening(ListeningMode.PUSH_TO_TALK)
        assert not desk.output.paused
        await session.idle()

    session = play(desk, script)
    assert session.conversation.turns == (Turn("count to four", LONG),)
    assert overlaps(desk) == [DUCKED, PAUSED, NONE]


def test_words_that_are_never_understood_hold_a_reply_for_three_seconds_at_most() -> None:
    desk = talkative(transcriber=FakeTranscriber())

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        desk.transcriber.seconds = 1000.0
        await say(desk, 0.5)
        begun = loop_time()
        await becomes(lambda: not desk.output.paused)
        assert loop_time() - begun < PAUSED_LIMIT + 0.1
        desk.transcriber.seconds = 0.1
        await session.idle()

    session = play(desk, script)
    assert session.conversation.turns == (Turn("count to four", LONG),)
