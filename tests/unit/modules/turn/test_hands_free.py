"""Whole turns through an open microphone, over fakes in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from modules.llm.base import LanguageModelError
from modules.llm.conversation import Turn
from modules.turn.events import (
    DebounceChanged,
    MicrophoneChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    SpeculationMeasured,
    TurnMeasured,
    UserText,
    UtteranceDropped,
)
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.state import Phase
from tests.fakes.audio import FakeSource
from tests.fakes.clock import run_virtual
from tests.fakes.desk import REPLY, Desk, play
from tests.fakes.engines import FakeEndpointModel, FakeLanguageModel, FakeTranscriber, FakeVad
from tests.fakes.room import LOUD, ask, open_desk, opened, reach, say, sentences
from utils.errors import ArvisError

WHOLE_TURN = [Phase.LISTENING, Phase.SPECULATIVE, Phase.COMMITTED, Phase.SPEAKING, Phase.IDLE]
QUESTION = "what is the capital of france"


def slow_model() -> FakeLanguageModel:
    return FakeLanguageModel(first_token_seconds=3.0)


def test_a_turn_without_hands() -> None:
    desk = open_desk()

    async def script(session: TurnSession) -> None:
        await asyncio.sleep(2.0)
        await ask(desk, session)
        assert desk.source.is_open

    session = play(desk, script)
    assert desk.phases == WHOLE_TURN
    assert desk.of(UserText)[-1] == UserText(1, 0, QUESTION, final=True)
    assert desk.reply == REPLY
    assert desk.of(ReplyEnded) == [ReplyEnded(1, 0, REPLY, interrupted=False, spoken=True)]
    assert session.conversation.turns == (Turn(QUESTION, REPLY),)
    assert [event.is_open for event in desk.of(MicrophoneChanged)] == [True, False]
    assert sentences(desk) == []


def test_what_was_heard_before_the_onset_belongs_to_the_utterance() -> None:
    desk = open_desk()

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await asyncio.sleep(2.0)
        await ask(desk, session)

    play(desk, script)
    [stream] = desk.transcriber.streams
    onset = next(number for number, chunk in enumerate(stream.fed) if chunk.samples[0] > 0)
    assert 0.55 <= sum(chunk.seconds for chunk in stream.fed[:onset]) <= 0.7
    loud = sum(chunk.seconds for chunk in stream.fed if chunk.samples[0] > 0)
    assert loud == pytest.approx(1.0)


def test_three_turns_one_after_the_other() -> None:
    desk = open_desk()

    async def script(session: TurnSession) -> None:
        for text in ("one two three", "four five six", "seven eight nine"):
            await ask(desk, session, text)

    session = play(desk, script)
    assert desk.phases == WHOLE_TURN * 3
    assert [turn.user for turn in session.conversation.turns] == ["one two three", "four five six", "seven eight nine"]
    assert desk.source.opened == 1
    assert [stream.cancelled for stream in desk.transcriber.streams] == [True] * 3, "each is closed"


# --- replies that are begun early -------------------------------------------------------------------------------


def test_a_reply_that_is_begun_early_is_not_noticed_before_the_end_is_certain() -> None:
    desk = open_desk()

    async def script(session: TurnSession) -> None:
        await say(desk)
        await reach(desk, session, Phase.SPECULATIVE)
        await asyncio.sleep(0.17)
        assert session.state.phase is Phase.SPECULATIVE
        assert desk.model.prompts
        assert (desk.of(ReplyText), desk.output.begun, session.conversation.turns) == ([], 0, ())
        assert not [text for text in desk.of(UserText) if text.final]
        await reach(desk, session, Phase.COMMITTED)
        assert session.conversation.turns == ()

    play(desk, script)
    measured = desk.of(SpeculationMeasured)
    assert measured == [SpeculationMeasured(1, 0, 0, 0, 0.0), SpeculationMeasured(1, 1, 0, 0, 0.0)]
    assert measured[-1].hit_rate == 1.0


def test_an_early_reply_is_heard_when_the_end_is_certain() -> None:
    # The end is certain 0.6 s after it, of which the detector is told 0.06 s late; everything is ready by then.
    desk = open_desk(transcriber=FakeTranscriber(text="What is the capital of France?", seconds=0.02))
    play(desk, lambda session: ask(desk, session))
    record = desk.of(TurnMeasured)[0].record
    assert record.end_decided is not None
    assert record.first_audio is not None
    assert record.first_token is not None
    assert 470 <= record.end_decided <= 560
    assert record.first_token < record.end_decided
    assert record.first_audio - record.end_decided < 25


def test_speech_that_goes_on_withdraws_the_early_reply_and_the_whole_is_answered() -> None:
    desk = open_desk()

    async def script(session: TurnSession) -> None:
        await say(desk, 1.0, "what is the capital")
        await reach(desk, session, Phase.SPECULATIVE)
        await asyncio.sleep(0.15)
        await say(desk, 0.8, "what is the capital of spain")
        await session.idle()

    session = play(desk, script)
    assert desk.of(ReplyDropped) == [ReplyDropped(1, 0)]
    assert desk.phases == [Phase.LISTENING, Phase.SPECULATIVE, *WHOLE_TURN]
    assert [(text.turn_id, text.revision, text.text) for text in desk.of(UserText) if text.final] == [
        (1, 1, "what is the capital of spain")
    ]
    assert {text.revision for text in desk.of(ReplyText)} == {1}
    assert [prompt[-1].content for prompt in desk.model.prompts] == [
        "what is the capital",
        "what is the capital of spain",
    ]
    assert session.conversation.turns == (Turn("what is the capital of spain", REPLY),)
    measured = desk.of(SpeculationMeasured)[-1]
    assert (measured.started, measured.used, measured.wasted) == (2, 1, 1)
    assert measured.wasted_ms > 0
    assert len(desk.transcriber.streams) == 1, "it is one utterance"


def test_speech_that_goes_on_before_the_first_sound_reopens_the_utterance() -> None:
    desk = open_desk(model=slow_model())

    async def script(session: TurnSession) -> None:
        await say(desk, 1.0, "what is the capital")
        await reach(desk, session, Phase.COMMITTED)
        await asyncio.sleep(1.0)
        await say(desk, 0.8, "what is the capital of spain")
        await session.idle()

    session = play(desk, script)
    assert desk.of(ReplyDropped) == [ReplyDropped(1, 0)]
    assert desk.phases == [Phase.LISTENING, Phase.SPECULATIVE, Phase.COMMITTED, *WHOLE_TURN]
    assert session.conversation.turns == (Turn("what is the capital of spain", REPLY),)
    assert desk.model.closed_streams == 2
    [stream] = desk.transcriber.streams
    assert sum(chunk.seconds for chunk in stream.fed if chunk.samples[0] > 0) == pytest.approx(1.8)


def test_a_click_does_not_reopen_the_utterance() -> None:
    desk = open_desk(model=slow_model())

    async def script(session: TurnSession) -> None:
        await say(desk)
        await reach(desk, session, Phase.COMMITTED)
        await say(desk, 0.02)
        await session.idle()

    play(desk, script)
    assert desk.phases == WHOLE_TURN


def test_without_a_model_the_silence_decides() -> None:
    desk = open_desk(EarParts(FakeVad()))
    play(desk, lambda session: ask(desk, session))
    record = desk.of(TurnMeasured)[0].record
    assert record.end_decided is not None
    assert 470 <= record.end_decided <= 560
    assert desk.phases == WHOLE_TURN


def test_a_voice_that_calls_for_more_is_waited_for() -> None:
    desk = open_desk(EarParts(FakeVad(), endpoint_model=FakeEndpointModel(scores=[0.1])))
    play(desk, lambda session: ask(desk, session))
    record = desk.of(TurnMeasured)[0].record
    assert record.end_decided is not None
    assert record.end_decided >= 1080


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


@pytest.mark.parametrize("seconds", [0.08, 0.1, 0.12, 0.14])
def test_the_shortest_word_ends_like_any_other(seconds: float) -> None:
    desk = open_desk(transcriber=FakeTranscriber(text="Berlin"))

    async def script(session: TurnSession) -> None:
        await say(desk, seconds)
        await asyncio.sleep(3.0)
        assert session.state.phase is Phase.IDLE

    session = play(desk, script)
    assert desk.phases == WHOLE_TURN
    assert session.conversation.turns == (Turn("Berlin", REPLY),)


# --- the word that always stops ---------------------------------------------------------------------------------

STATES: list[tuple[Phase, Callable[[], Desk]]] = [
    (Phase.IDLE, open_desk),
    (Phase.SPECULATIVE, open_desk),
    (Phase.COMMITTED, lambda: open_desk(model=slow_model())),
    (Phase.SPEAKING, open_desk),
]


@pytest.mark.parametrize("word", ["Stop.", "Arvis, stop!"])
@pytest.mark.parametrize(("phase", "make"), STATES, ids=[str(phase) for phase, _ in STATES])
def test_the_stop_word_stops_in_every_phase(phase: Phase, make: Callable[[], Desk], word: str) -> None:
    desk = make()

    async def script(session: TurnSession) -> None:
        if phase is not Phase.IDLE:
            await say(desk, 1.0, QUESTION)
            await reach(desk, session, phase)
            await asyncio.sleep(0.1)
        # Before a reply is heard all words are one utterance; over a reply they are their own.
        merged = phase in (Phase.SPECULATIVE, Phase.COMMITTED)
        await say(desk, 0.6, f"{QUESTION}. {word}" if merged else word)
        await session.idle()
        assert not desk.output.stops or not desk.output.paused
        spoken_before = desk.output.begun
        await asyncio.sleep(5.0)
        assert desk.output.begun == spoken_before
        assert len(session.conversation.turns) == (1 if phase is Phase.SPEAKING else 0)
        desk.events.clear()
        desk.model.first_token_seconds = 0.05
        await ask(desk, session, QUESTION)

    session = play(desk, script)
    assert desk.phases == WHOLE_TURN
    assert desk.of(ReplyEnded)[0].text == REPLY
    assert [turn.assistant for turn in session.conversation.turns][-1] == REPLY
    assert sentences(desk) == []


# --- long, endless and ending -----------------------------------------------------------------------------------


def test_an_utterance_is_capped_and_what_goes_on_is_not_answered() -> None:
    desk = open_desk(settings={"hands_free_max_seconds": 4.0})

    async def script(session: TurnSession) -> None:
        await say(desk, 9.0)
        await asyncio.sleep(1.0)
        await session.idle()
        assert desk.phases == WHOLE_TURN
        await ask(desk, session)

    session = play(desk, script)
    assert desk.phases == WHOLE_TURN * 2
    assert len(session.conversation.turns) == 2
    assert desk.of(ReplyEnded)[0].interrupted is False
    loud = sum(chunk.seconds for chunk in desk.transcriber.streams[0].fed if chunk.samples[0] > 0)
    assert loud == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize("silence", [0.0, 0.06, 0.3, 2.0])
def test_a_source_that_ends_by_itself_is_answered(silence: float) -> None:
    source = FakeSource(seconds=1.5 + silence, level=0.0, sounds=[(0.5, 0.0), (1.0, LOUD)])
    desk = open_desk(source=source)

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await asyncio.sleep(1.0)
        await session.idle()

    session = play(desk, script)
    assert session.conversation.turns == (Turn(QUESTION, REPLY),)
    assert desk.phases == WHOLE_TURN
    assert not source.is_open
    assert sentences(desk) == []


def test_words_said_while_the_engines_load_are_heard() -> None:
    desk = open_desk(transcriber=FakeTranscriber(load_seconds=5.0), model=FakeLanguageModel(load_seconds=8.0))

    async def load_and_talk(session: TurnSession) -> None:
        session.set_listening(desk.settings.listening)
        await opened(desk)
        await ask(desk, session)

    async def main() -> tuple[Turn, ...]:
        session = desk.session()
        await load_and_talk(session)
        await session.close()
        return session.conversation.turns

    assert run_virtual(main) == (Turn(QUESTION, REPLY),)


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
