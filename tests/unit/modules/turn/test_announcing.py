"""Sentences that nobody asked for, over fakes, on a virtual clock."""

from __future__ import annotations

import asyncio

import pytest

from modules.tts.base import SynthesisError
from modules.turn.events import Notice, ReplyEnded, UserText
from modules.turn.machine import Phase
from modules.turn.session import TurnSession
from modules.turn.settings import SessionSettings
from tests.fakes.desk import REPLY, Desk, play, talk, until

SENTENCE = "The microphone is gone. Plug it in again."


def test_an_announcement_is_spoken_and_is_no_turn() -> None:
    desk = Desk(settings=SessionSettings(read_aloud=False))

    async def script(session: TurnSession) -> None:
        assert session.announce(SENTENCE)
        assert not session.is_idle
        await session.idle()
        assert session.is_idle

    session = play(desk, script)
    assert desk.synthesizer.spoken == ["The microphone is gone.", "Plug it in again."]
    assert desk.phases == []
    assert session.conversation.turns == ()


def test_announcements_follow_each_other() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        assert session.announce("The first one.")
        assert session.announce("The second one.")
        await session.idle()
        assert session.is_idle

    play(desk, script)
    assert desk.synthesizer.spoken == ["The first one.", "The second one."]
    assert desk.output.stops == 0


def test_nothing_is_announced_during_a_turn() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.submit("hello")
        assert not session.announce(SENTENCE)
        await session.idle()

    play(desk, script)
    assert SENTENCE.partition(".")[0] + "." not in desk.synthesizer.spoken
    assert [event.text for event in desk.of(ReplyEnded)] == [REPLY]


def test_an_urgent_one_ends_the_answer() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.submit("hello")
        await until(desk, session, Phase.SPEAKING)
        assert session.announce(SENTENCE, urgent=True)
        await session.idle()
        assert session.is_idle

    play(desk, script)
    assert [event.interrupted for event in desk.of(ReplyEnded)] == [True]
    assert desk.synthesizer.spoken[-2:] == ["The microphone is gone.", "Plug it in again."]


@pytest.mark.parametrize("how", ["press", "submit", "stop"])
def test_the_user_comes_first(how: str) -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.announce(SENTENCE)
        session.announce("One that waits.")
        await asyncio.sleep(0.3)
        if how == "press":
            await talk(session)
        elif how == "submit":
            session.submit("hello")
        else:
            session.stop()
        await session.idle()
        assert session.is_idle

    play(desk, script)
    assert "One that waits." not in desk.synthesizer.spoken
    assert desk.output.stops >= 1
    assert len(desk.of(UserText)) == (0 if how == "stop" else 1)


def test_a_broken_voice_leaves_it_at_that() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        desk.synthesizer.errors = [SynthesisError("broken", "The voice is broken.")]
        session.announce(SENTENCE)
        await session.idle()
        assert session.is_idle
        session.submit("hello")

    play(desk, script)
    assert desk.of(Notice) == []
    assert [event.text for event in desk.of(ReplyEnded)] == [REPLY]
