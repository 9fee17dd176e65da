"""What is heard while a reply is made that is not heard yet: over fakes, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from modules.turn.events import MicrophoneChanged
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.settings import ListeningMode
from modules.turn.state import Phase
from tests.fakes.desk import Desk, play
from tests.fakes.engines import FakeEchoCanceller, FakeEndpointModel, FakeLanguageModel, FakeVad, FakeWake
from tests.fakes.room import LONG, SENTENCES, ask, open_desk, opened, say, sentences


def thoughtful(**settings: object) -> Desk:
    """It takes three seconds to find its words."""
    return open_desk(settings=dict(settings), model=FakeLanguageModel(reply=SENTENCES, first_token_seconds=3.0))


async def pose(desk: Desk, session: TurnSession, by: str) -> None:
    """Ask by typing or with the key, and let it think."""
    if by == "typing":
        session.submit("count to four")
    else:
        session.press()
        await say(desk, 0.8, "count to four")
        await asyncio.sleep(0.3)
        session.release()
    await asyncio.sleep(0.8)
    assert session.state.phase is Phase.COMMITTED


@pytest.mark.parametrize("by", ["typing", "key"])
def test_the_stop_word_is_obeyed_while_it_thinks(by: str) -> None:
    desk = thoughtful()

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await pose(desk, session, by)
        await opened(desk)
        await say(desk, 0.4, "Arvis, stop.")
        await asyncio.sleep(0.6)
        assert session.state.phase is Phase.IDLE
        await asyncio.sleep(1.0)
        await ask(desk, session, "and now")

    session = play(desk, script)
    assert [turn.user for turn in session.conversation.turns] == ["and now"]


@pytest.mark.parametrize("by", ["typing", "key"])
@pytest.mark.parametrize("said", ["", "mm-hmm", "what else"])
def test_nothing_else_ends_what_was_typed_or_keyed(by: str, said: str) -> None:
    desk = thoughtful()

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await pose(desk, session, by)
        asked = desk.transcriber.text
        await say(desk, 0.4, said)
        await asyncio.sleep(1.0)
        desk.transcriber.text = asked
        await session.idle()

    session = play(desk, script)
    assert [turn.assistant for turn in session.conversation.turns] == [LONG]


@pytest.mark.parametrize("mode", [ListeningMode.HANDS_FREE, ListeningMode.WAKE_WORD])
def test_a_noise_does_not_end_an_answer_that_is_only_written(mode: ListeningMode) -> None:
    model = FakeLanguageModel(reply=SENTENCES, token_seconds=0.5)
    ears = EarParts(FakeVad(), FakeEchoCanceller(), endpoint_model=FakeEndpointModel(), wake=FakeWake(ends=[]))
    desk = open_desk(ears, {"listening": mode, "read_aloud": False}, model=model)

    async def script(session: TurnSession) -> None:
        await opened(desk)
        session.submit("count to four")
        await asyncio.sleep(0.8)
        assert session.state.given
        await say(desk, 0.3, "")
        await session.idle()

    session = play(desk, script)
    assert [(turn.assistant, turn.interrupted) for turn in session.conversation.turns] == [(LONG, False)]
    assert sentences(desk) == []


def test_a_question_outlives_a_microphone_that_is_opened_anew() -> None:
    desk = thoughtful()

    async def script(session: TurnSession) -> None:
        await say(desk, 1.0, "count to four")
        await asyncio.sleep(1.2)
        assert session.state.phase is Phase.COMMITTED
        session.set_muted(True)
        await asyncio.sleep(0.1)
        session.set_muted(False)
        await opened(desk)
        await say(desk, 0.3, "")
        await session.idle()

    session = play(desk, script)
    assert [(turn.user, turn.assistant) for turn in session.conversation.turns] == [("count to four", LONG)]


def test_a_headset_that_is_plugged_in_or_out_is_noticed_when_a_reply_begins() -> None:
    worn = [False]
    canceller = FakeEchoCanceller()
    ears = EarParts(FakeVad(), canceller, endpoint_model=FakeEndpointModel(), is_isolated=lambda: worn[0])
    desk = open_desk(ears)
    opened_with: list[int] = []

    async def script(session: TurnSession) -> None:
        await opened(desk)
        for worn[0] in (False, True, True, False):
            await ask(desk, session, "count to four")
            opened_with.append(len(canceller.references))

    session = play(desk, script)
    assert opened_with == [1, 1, 1, 2]
    # It was opened at first, with the headset, and without it again; and closed as often.
    assert [event.is_open for event in desk.of(MicrophoneChanged)] == [True, False] * 3
    assert len(session.conversation.turns) == 4
