"""Whole turns through an open microphone, over fakes in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from modules.llm.conversation import Turn
from modules.turn.events import (
    MicrophoneChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    SpeculationMeasured,
    TurnMeasured,
    UserText,
)
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.state import Phase
from tests.fakes.audio import FakeSource
from tests.fakes.clock import run_virtual
from tests.fakes.desk import REPLY, Desk, play
from tests.fakes.engines import FakeEndpointModel, FakeLanguageModel, FakeTranscriber, FakeVad
from tests.fakes.room import LOUD, ask, open_desk, opened, reach, say, sentences

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
