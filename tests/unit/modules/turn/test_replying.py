"""From the text of the user to the last sample heard, in whole turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest

from modules.audio.base import AudioChunk, AudioError
from modules.tts.base import SynthesisError
from modules.turn.events import (
    Notice,
    PhaseChanged,
    ReplyEnded,
    ReplyText,
    TurnMeasured,
)
from modules.turn.machine import Phase
from modules.turn.session import TurnSession
from modules.turn.settings import SessionSettings
from tests.fakes.desk import REPLY, Desk, play, talk, until, whole_turn
from tests.fakes.engines import FakeLanguageModel, FakeSynthesizer


def test_the_voice_begins_while_the_model_goes_on() -> None:
    desk = Desk(model=FakeLanguageModel(token_seconds=0.5))
    play(desk, whole_turn)
    kinds = [
        type(e)
        for e in desk.events
        if isinstance(e, ReplyText) or (isinstance(e, PhaseChanged) and e.phase is Phase.SPEAKING)
    ]
    assert kinds.index(PhaseChanged) < 5, "spoke only after the whole reply was there"


def test_a_reply_in_writing_only() -> None:
    desk = Desk(settings=SessionSettings(read_aloud=False))
    play(desk, whole_turn)
    assert desk.of(ReplyEnded) == [ReplyEnded(1, 0, REPLY, interrupted=False, spoken=False)]
    assert (desk.output.begun, desk.synthesizer.loads) == (0, 0)
    assert Phase.SPEAKING not in desk.phases


def test_what_a_reasoning_model_thinks_is_neither_shown_nor_spoken() -> None:
    desk = Desk(model=FakeLanguageModel(reply=["<think>", "France, ", "then.", "</think>", "\n", "Paris."]))
    session = play(desk, whole_turn)
    assert (desk.reply, desk.synthesizer.spoken) == ("Paris.", ["Paris."])
    assert session.conversation.turns[0].assistant == "Paris."


def test_stop_silences_at_once_and_history_keeps_what_was_heard() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        await talk(session)
        await until(desk, session, Phase.SPEAKING)
        await asyncio.sleep(0.35)
        session.stop()
        assert desk.output.stops == 1
        assert session.state.phase is Phase.IDLE

    session = play(desk, script)
    ended = desk.of(ReplyEnded)[0]
    assert ended.interrupted
    assert ended.text == "The capital of"
    assert [(turn.assistant, turn.interrupted) for turn in session.conversation.turns] == [("The capital of", True)]
    assert desk.model.closed_streams == 1


def test_a_reply_that_is_stopped_before_its_first_sound_lets_go_of_the_speaker() -> None:
    desk = Desk(synthesizer=FakeSynthesizer(seconds=1.0))

    async def script(session: TurnSession) -> None:
        session.submit("hello")
        await asyncio.sleep(0.5)
        session.stop()

    session = play(desk, script)
    assert (desk.output.begun, desk.output.stops) == (1, 1)
    assert desk.of(ReplyEnded) == [ReplyEnded(1, 0, "", interrupted=True, spoken=False)]
    assert session.conversation.turns == ()


VOICE_FAILURES: list[tuple[str, Callable[[Desk], None], str]] = [
    ("voice", lambda d: d.synthesizer.errors.append(SynthesisError("tts", "Broken.")), "tts"),
    ("no speaker", lambda d: setattr(d.output, "begin_error", AudioError("no-device", "No speaker.")), "no-device"),
    ("speaker lost", lambda d: setattr(d.output, "lose_after_chunks", 1), "device-lost"),
    ("voice not loaded", lambda d: d.synthesizer.load_errors.extend([SynthesisError("x", "Broken.")] * 2), "x"),
]


@pytest.mark.parametrize(("break_it", "code"), [r[1:] for r in VOICE_FAILURES], ids=[r[0] for r in VOICE_FAILURES])
def test_without_a_voice_the_answer_is_given_in_writing(break_it: Callable[[Desk], None], code: str) -> None:
    desk = Desk()
    break_it(desk)
    session = play(desk, whole_turn)
    assert [(notice.severity, notice.code) for notice in desk.of(Notice)] == [("warning", code)]
    assert desk.of(ReplyEnded)[0].text == REPLY
    assert session.conversation.turns[0].assistant == REPLY


class HoarseSynthesizer(FakeSynthesizer):
    """Loses its voice after the first clause."""

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        if self.spoken:
            raise SynthesisError("tts", "Broken.")
        async for chunk in super().stream(text, voice=voice, speed=speed):
            yield chunk


def test_what_was_spoken_before_the_voice_failed_is_heard_to_its_end() -> None:
    desk = Desk(synthesizer=HoarseSynthesizer())
    play(desk, whole_turn)
    assert [notice.code for notice in desk.of(Notice)] == ["tts"]
    assert desk.of(ReplyEnded) == [ReplyEnded(1, 0, REPLY, interrupted=False, spoken=True)]
    record = desk.of(TurnMeasured)[0].record
    assert record.total is not None
    assert record.first_audio is not None
    milliseconds = 1000 * sum(chunk.seconds for chunk in desk.output.played)
    assert record.total - record.first_audio == pytest.approx(milliseconds)
