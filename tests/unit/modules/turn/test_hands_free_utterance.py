"""What counts as an utterance through an open microphone, and the silence that ends it, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from modules.llm.base import LanguageModelError
from modules.turn.events import DebounceChanged, ReplyEnded, TurnMeasured, UserText, UtteranceDropped
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.state import Phase
from tests.fakes.desk import play
from tests.fakes.engines import FakeLanguageModel, FakeTranscriber, FakeVad
from tests.fakes.room import ask, open_desk, reach, say, sentences
from utils.errors import ArvisError

# --- what is no utterance ---------------------------------------------------------------------------------------


def test_a_noise_that_is_no_speech_is_dropped_without_a_word() -> None:
    desk = open_desk(transcriber=FakeTranscriber(text=""))
    play(desk, lambda session: ask(desk, session))
    assert desk.phases == [Phase.LISTENING, Phase.SPECULATIVE, Phase.IDLE]
    assert desk.of(UtteranceDropped) == [UtteranceDropped(1)]
    assert (sentences(desk), desk.model.prompts, desk.output.begun) == ([], [], 0)


@pytest.mark.parametrize("seconds", [0.02, 0.04])
def test_a_short_noise_begins_nothing(seconds: float) -> None:
    desk = open_desk()

    async def script(session: TurnSession) -> None:
        for _ in range(5):
            await say(desk, seconds)
            await asyncio.sleep(1.0)

    play(desk, script)
    assert desk.phases == []


def test_a_remark_is_not_answered_but_a_short_answer_is() -> None:
    desk = open_desk()

    async def script(session: TurnSession) -> None:
        await ask(desk, session, "Mm-hmm.")
        assert desk.model.prompts == []
        await ask(desk, session, "Yes.")

    session = play(desk, script)
    assert desk.of(UtteranceDropped) == [UtteranceDropped(1)]
    assert [turn.user for turn in session.conversation.turns] == ["Yes."]


@pytest.mark.parametrize("ended_by", ["the model", "the user"])
def test_a_request_stays_to_be_seen_when_nothing_comes_of_its_answer(ended_by: str) -> None:
    broken: dict[int, ArvisError] = (
        {0: LanguageModelError("llm-failed", "It failed.")} if ended_by == "the model" else {}
    )
    desk = open_desk(model=FakeLanguageModel(first_token_seconds=2.0, errors=broken))

    async def script(session: TurnSession) -> None:
        await say(desk, 1.0)
        await reach(desk, session, Phase.COMMITTED)
        if ended_by == "the user":
            session.stop()
        await session.idle()

    play(desk, script)
    assert [text.final for text in desk.of(UserText)][-1]
    assert desk.of(UtteranceDropped) == []
    assert [reply.text for reply in desk.of(ReplyEnded)] == [""]


def test_its_own_words_are_not_answered() -> None:
    desk = open_desk()

    async def script(session: TurnSession) -> None:
        await ask(desk, session)
        await ask(desk, session, "the capital of france is paris it is a big city")

    session = play(desk, script)
    assert desk.of(UtteranceDropped) == [UtteranceDropped(2)]
    assert len(session.conversation.turns) == 1
    assert sentences(desk) == []


# --- the silence that ends an utterance -------------------------------------------------------------------------


def test_the_silence_that_ends_an_utterance_is_shown_and_can_be_set() -> None:
    desk = open_desk(EarParts(FakeVad()))

    async def script(session: TurnSession) -> None:
        session.set_debounce(1.0)
        await ask(desk, session)
        session.set_debounce(None)
        await ask(desk, session)

    play(desk, script)
    assert desk.of(DebounceChanged) == [
        DebounceChanged(0.4, adaptive=True),
        DebounceChanged(1.0, adaptive=False),
        DebounceChanged(0.4, adaptive=True),
    ]
    slow, quick = (measured.record.end_decided or 0.0 for measured in desk.of(TurnMeasured))
    assert slow - quick == pytest.approx(600, abs=40)


def test_who_is_cut_off_often_is_given_more_time() -> None:
    desk = open_desk()

    async def script(session: TurnSession) -> None:
        for number in range(10):
            await say(desk, 1.0, f"tell me about number {number}")
            if number < 4:  # the end seems to have come, and has not
                await reach(desk, session, Phase.SPECULATIVE)
                await asyncio.sleep(0.1)
                await say(desk)
            await reach(desk, session, Phase.SPEAKING)
            await session.idle()

    play(desk, script)
    assert desk.of(DebounceChanged) == [DebounceChanged(0.4, adaptive=True), DebounceChanged(0.5, adaptive=True)]
