"""From the opened microphone to the final transcript, in whole turns."""

from __future__ import annotations

import asyncio

import pytest

from modules.stt.base import Transcript
from modules.turn.events import (
    InputLevel,
    Notice,
    ReplyEnded,
    TurnMeasured,
    UserText,
)
from modules.turn.machine import NOTHING_HEARD, Phase
from modules.turn.session import TurnSession
from modules.turn.settings import SessionSettings
from tests.fakes.audio import FakeSource
from tests.fakes.clock import run_virtual
from tests.fakes.desk import REPLY, Desk, play, talk, whole_turn
from tests.fakes.engines import FakeLanguageModel, FakeTranscriber


def test_partial_transcripts_and_levels_arrive_while_the_key_is_held() -> None:
    desk = Desk(transcriber=FakeTranscriber(partials=["what", "what is"]))
    play(desk, whole_turn)
    assert [(e.text, e.final) for e in desk.of(UserText)] == [
        ("what", False),
        ("what is", False),
        ("what is the capital of france", True),
    ]
    levels = desk.of(InputLevel)
    assert 20 <= len(levels) <= 35
    assert levels[0].rms == pytest.approx(0.2, abs=1e-5)


def test_silence_is_answered_by_a_sentence() -> None:
    desk = Desk(source=FakeSource(level=0.0))
    play(desk, whole_turn)
    assert desk.of(Notice) == [Notice("info", "nothing-heard", NOTHING_HEARD, 1)]
    assert desk.model.prompts == []
    assert desk.phases[-1] is Phase.IDLE


def test_a_tap_of_the_key_is_an_utterance_without_sound() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.press()
        session.release()
        await session.idle()
        await whole_turn(session)

    play(desk, script)
    assert desk.of(Notice)[0].code == "nothing-heard"
    assert desk.of(ReplyEnded)[0].turn_id == 2


def test_the_end_of_the_source_is_the_end_of_the_utterance() -> None:
    desk = Desk(source=FakeSource(seconds=0.5))

    async def script(session: TurnSession) -> None:
        session.press()

    play(desk, script)
    assert desk.of(ReplyEnded)[0].text == REPLY
    assert len(desk.transcriber.streams[0].fed) == 25


def test_a_key_that_got_stuck_is_taken_as_released() -> None:
    desk = Desk(settings=SessionSettings(max_utterance_seconds=3.0))

    async def script(session: TurnSession) -> None:
        session.press()

    play(desk, script)
    assert sum(chunk.seconds for chunk in desk.transcriber.streams[0].fed) == pytest.approx(3.0)
    assert desk.of(ReplyEnded)[0].text == REPLY


def test_whoever_speaks_before_the_engines_are_loaded_is_heard() -> None:
    desk = Desk(transcriber=FakeTranscriber(load_seconds=3.0), model=FakeLanguageModel(load_seconds=5.0))

    async def main() -> None:
        session = desk.session()
        loading = asyncio.ensure_future(session.load())
        await talk(session)
        await session.idle()
        await loading
        await session.close()

    run_virtual(main)
    assert len(desk.transcriber.streams[0].fed) == pytest.approx(50, abs=2)
    assert desk.of(ReplyEnded)[0].text == REPLY
    assert desk.of(TurnMeasured)[0].record.final_transcript == pytest.approx(2100, abs=100)


def test_words_that_come_after_stop_are_dropped() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.press()
        await asyncio.sleep(0.5)
        session.stop()
        on_partial = desk.transcriber.streams[0].on_partial
        assert on_partial is not None
        on_partial(Transcript("what is", final=False))

    play(desk, script)
    assert desk.of(UserText) == []
