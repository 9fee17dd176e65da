"""The wake phrase, over fakes in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.audio.earcons import Earcon, earcon
from modules.llm.conversation import Turn
from modules.turn.events import MicrophoneChanged, UserText, UtteranceDropped, WakeHeard
from modules.turn.hearing import WOKEN_SECONDS
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.settings import ListeningMode
from modules.turn.state import Phase
from tests.fakes.audio import FakeOutput
from tests.fakes.clock import loop_time
from tests.fakes.desk import REPLY, Desk, play
from tests.fakes.engines import FakeEchoCanceller, FakeEndpointModel, FakeVad, FakeWake
from tests.fakes.room import LOUD, open_desk, opened, reach, say, sentences

WHOLE_TURN = [Phase.LISTENING, Phase.SPECULATIVE, Phase.COMMITTED, Phase.SPEAKING, Phase.IDLE]


@dataclass
class TapedOutput(FakeOutput):
    """Remembers everything that was ever played."""

    tape: list[AudioChunk] = field(default_factory=list)

    async def play(self, chunk: AudioChunk) -> None:
        self.tape.append(chunk)
        await super().play(chunk)

    def earcons(self) -> list[Earcon]:
        return [kind for chunk in self.tape for kind in Earcon if np.array_equal(chunk.samples, earcon(kind).samples)]


def wake_desk(*ends: float, earcons: bool = True) -> Desk:
    """A session that waits for its phrase, which is over at these seconds of the stream."""
    parts = EarParts(FakeVad(), FakeEchoCanceller(), endpoint_model=FakeEndpointModel(), wake=FakeWake(ends=list(ends)))
    settings = {"listening": ListeningMode.WAKE_WORD, "earcons": earcons}
    return open_desk(parts, settings, output=TapedOutput())


async def call(desk: Desk, text: str, request: float = 1.0, pause: float = 0.0) -> None:
    """Say the phrase, from 1.0 to 1.8 s of the stream, and after a pause the request."""
    desk.transcriber.text = text
    desk.source.sounds += [(1.0, 0.0), (0.8, LOUD), *([(pause, 0.0)] if pause else []), (request, LOUD)]
    await asyncio.sleep(1.8 + pause + request)


def taped(desk: Desk) -> TapedOutput:
    assert isinstance(desk.output, TapedOutput)
    return desk.output


def test_nothing_is_heard_without_the_phrase() -> None:
    desk = wake_desk()

    async def script(session: TurnSession) -> None:
        await say(desk, 3.0)
        await asyncio.sleep(2.0)

    session = play(desk, script)
    assert desk.phases == []
    assert desk.transcriber.streams == [], "not a word of it is transcribed"
    assert (session.conversation.turns, taped(desk).tape, desk.of(UserText)) == ((), [], [])


@pytest.mark.parametrize("pause", [0.0, 0.3, 1.0, 3.0])
def test_the_phrase_and_then_a_request(pause: float) -> None:
    desk = wake_desk(1.8)

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await call(desk, "Hey Arvis, what is the capital of France?", pause=pause)
        await session.idle()

    session = play(desk, script)
    said = "What is the capital of France?"
    assert session.conversation.turns == (Turn(said, REPLY),)
    assert desk.phases == WHOLE_TURN
    assert desk.of(WakeHeard) == [WakeHeard(0.9)]
    assert taped(desk).earcons() == [Earcon.LISTENING]
    assert [text.text for text in desk.of(UserText) if text.final] == [said]
    assert sentences(desk) == []


def test_the_phrase_is_transcribed_with_the_request_so_that_neither_is_cut() -> None:
    desk = wake_desk(1.8)

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await call(desk, "Hey Arvis. What is it?", pause=0.5)
        await session.idle()

    play(desk, script)
    [stream] = desk.transcriber.streams
    loud = sum(chunk.seconds for chunk in stream.fed if chunk.samples[0] > 0)
    assert loud == pytest.approx(1.8, abs=0.05)


def test_the_phrase_alone_means_nothing_after_five_seconds() -> None:
    desk = wake_desk(1.8)
    moments: list[float] = []

    async def script(session: TurnSession) -> None:
        await opened(desk)
        desk.transcriber.text = "Hey Arvis."
        desk.source.sounds += [(1.0, 0.0), (0.8, LOUD)]
        await reach(desk, session, Phase.LISTENING)
        begun = loop_time()
        await session.idle()
        moments.append(loop_time() - begun)
        await say(desk, 1.0)
        await asyncio.sleep(2.0)

    session = play(desk, script)
    assert desk.phases[-1] is Phase.IDLE
    assert Phase.SPEAKING not in desk.phases
    assert desk.of(UtteranceDropped) == [UtteranceDropped(1)]
    assert WOKEN_SECONDS <= moments[0] <= WOKEN_SECONDS + 1.0
    assert taped(desk).earcons() == [Earcon.LISTENING, Earcon.NOT_UNDERSTOOD]
    assert (session.conversation.turns, session.state.turn_id) == ((), 1)


def test_a_request_that_is_not_understood_has_a_sound_too() -> None:
    desk = wake_desk(1.8)

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await call(desk, "Hey Arvis.", pause=0.5)
        await session.idle()

    play(desk, script)
    assert taped(desk).earcons() == [Earcon.LISTENING, Earcon.NOT_UNDERSTOOD]


def test_sounds_can_be_switched_off() -> None:
    desk = wake_desk(1.8, earcons=False)

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await call(desk, "", pause=0.5)
        await session.idle()

    play(desk, script)
    assert taped(desk).tape == []


@pytest.mark.parametrize(("wait", "turns"), [(1.0, 2), (6.5, 2), (8.2, 1)])
def test_for_eight_seconds_after_a_reply_no_phrase_is_needed(wait: float, turns: int) -> None:
    desk = wake_desk(1.8)

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await call(desk, "Hey Arvis, one")
        await session.idle()
        await asyncio.sleep(wait)
        await say(desk, 1.0, "and two")
        await asyncio.sleep(1.0)
        await session.idle()

    session = play(desk, script)
    assert [turn.user for turn in session.conversation.turns] == ["One", "and two"][:turns]


def test_after_a_stop_the_phrase_is_needed_at_once() -> None:
    desk = wake_desk(1.8)

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await call(desk, "Hey Arvis, one")
        await reach(desk, session, Phase.SPEAKING)
        session.stop()
        await asyncio.sleep(1.0)
        await say(desk, 1.0, "and two")
        await asyncio.sleep(1.0)

    session = play(desk, script)
    assert session.state.turn_id == 1


def test_a_reply_can_be_interrupted_without_the_phrase() -> None:
    desk = wake_desk(1.8)

    async def script(session: TurnSession) -> None:
        await opened(desk)
        await call(desk, "Hey Arvis, one")
        await reach(desk, session, Phase.SPEAKING)
        await say(desk, 1.0, "no wait I meant two")
        await session.idle()

    session = play(desk, script)
    assert [turn.interrupted for turn in session.conversation.turns] == [True, False]


def test_the_phrase_is_needed_again_after_a_mode_was_left_and_chosen_again() -> None:
    desk = wake_desk(1.8)

    async def script(session: TurnSession) -> None:
        await opened(desk)
        session.set_listening(ListeningMode.PUSH_TO_TALK)
        await asyncio.sleep(0.5)
        session.set_listening(ListeningMode.WAKE_WORD)
        await opened(desk)
        await say(desk, 1.0)
        await asyncio.sleep(2.0)

    play(desk, script)
    assert Phase.LISTENING in desk.phases, "1.8 s of the new stream: the fake hears its phrase there"
    assert [event.is_open for event in desk.of(MicrophoneChanged)] == [True, False, True, False]
    assert len(desk.of(WakeHeard)) == 1
