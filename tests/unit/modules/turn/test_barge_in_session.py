"""Speaking over a reply, over fakes in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.llm.conversation import Turn
from modules.stt.base import Transcript
from modules.turn.events import ReplyEnded, ReplyText, UserText
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.state import Overlap, Phase
from tests.fakes.clock import loop_time
from tests.fakes.desk import Desk, play
from tests.fakes.engines import (
    FakeEchoCanceller,
    FakeEndpointModel,
    FakeLanguageModel,
    FakeSynthesizer,
    FakeTranscriber,
    FakeVad,
)
from tests.fakes.room import LONG, SENTENCES, becomes, overlaps, reach, say, sentences, speaking, talkative

DUCKED, PAUSED, NONE = Overlap.DUCKED, Overlap.PAUSED, Overlap.NONE


def sound(desk: Desk) -> float:
    """Seconds that were handed to the output for the present reply."""
    return sum(chunk.seconds for chunk in desk.output.played)


# --- what does not end a reply ----------------------------------------------------------------------------------


@pytest.mark.parametrize("heard", ["Mm-hmm.", "Yeah, okay.", "", "[cough]"])
def test_a_remark_or_a_cough_holds_the_reply_for_a_moment(heard: str) -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        begun = loop_time()
        await say(desk, 0.3, heard)
        await becomes(lambda: overlaps(desk) == [DUCKED, PAUSED, NONE])
        assert loop_time() - begun < 1.0
        await session.idle()

    session = play(desk, script)
    assert desk.output.gains == [-12.0, 0.0]
    assert (desk.output.pauses, desk.output.resumes, desk.output.begun) == (1, 1, 1)
    assert desk.of(ReplyEnded) == [ReplyEnded(1, 0, LONG, interrupted=False, spoken=True)]
    assert session.conversation.turns == (Turn("count to four", LONG),)
    assert desk.phases[-1] is Phase.IDLE
    assert session.state.turn_id == 1
    assert desk.transcriber.streams[-1].cancelled
    assert sentences(desk) == []


def test_a_held_reply_goes_on_with_the_sample_at_which_it_was_held() -> None:
    desk = talkative()
    heard: list[float] = []

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, 0.2, "Mm-hmm.")
        assert desk.output.paused
        heard.append(desk.output.heard(loop_time()))
        await becomes(lambda: not desk.output.paused)
        heard.append(desk.output.heard(loop_time()))
        await session.idle()
        heard.append(desk.output.heard(loop_time()))

    play(desk, script)
    assert heard[1] == pytest.approx(heard[0], abs=0.002)
    assert heard[2] == pytest.approx(sound(desk))


@pytest.mark.parametrize("seconds", [0.02, 0.04])
def test_after_a_click_the_reply_goes_on_as_it_was(seconds: float) -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, seconds, "")
        await session.idle()

    session = play(desk, script)
    assert (overlaps(desk)[0], overlaps(desk)[-1]) == (DUCKED, NONE)
    assert desk.output.gains == [-12.0, 0.0]
    assert desk.output.pauses == desk.output.resumes <= 1
    assert session.conversation.turns == (Turn("count to four", LONG),)


def test_its_own_echo_does_not_end_a_reply() -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session, 2.5)
        await say(desk, 1.0, "of the sentences has just ten words")
        await session.idle()

    session = play(desk, script)
    assert overlaps(desk)[-1] is NONE
    assert [turn.interrupted for turn in session.conversation.turns] == [False]


def test_as_long_as_echo_is_left_words_have_to_go_on_after_the_reply_is_silent() -> None:
    canceller = FakeEchoCanceller(settled=False)
    desk = talkative(ears=EarParts(FakeVad(), canceller, endpoint_model=FakeEndpointModel()))

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, 0.2, "what about five")
        await session.idle()

    play(desk, script)
    assert overlaps(desk) == [DUCKED, PAUSED, NONE]
    assert canceller.references == [desk.output.reference]


def test_a_reply_may_be_proof_against_interruption() -> None:
    desk = talkative(settings={"barge_in": False})

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, 1.0, "what about five")
        await session.idle()

    session = play(desk, script)
    assert overlaps(desk) == []
    assert session.conversation.turns == (Turn("count to four", LONG),)


# --- what does --------------------------------------------------------------------------------------------------


def test_words_over_the_reply_end_it_and_are_the_next_turn() -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session, 1.0)
        desk.model.reply = ("Five it is.",)
        await say(desk, 1.0, "what about five")
        assert session.state.turn_id == 2, "it is over while the user still speaks"
        assert session.state.phase is Phase.LISTENING
        await session.idle()

    session = play(desk, script)
    assert overlaps(desk) == [DUCKED, PAUSED]
    first, second = session.conversation.turns
    assert first.user == "count to four"
    assert first.interrupted
    # A second before the onset, and what was heard until it was sure that somebody speaks: 11 words a second.
    assert 9 <= len(first.assistant.split()) <= 13
    assert LONG.startswith(first.assistant)
    assert second == Turn("what about five", "Five it is.")
    assert desk.of(ReplyEnded)[0] == ReplyEnded(1, 0, first.assistant, interrupted=True, spoken=True)
    assert desk.phases[4:] == [
        Phase.IDLE,
        Phase.LISTENING,
        Phase.SPECULATIVE,
        Phase.COMMITTED,
        Phase.SPEAKING,
        Phase.IDLE,
    ]
    assert {text.turn_id for text in desk.of(UserText) if text.text == "what about five"} == {2}
    assert desk.model.prompts[-1][-2].content.startswith(first.assistant)
    assert sentences(desk) == []


def test_all_words_since_the_onset_are_in_the_next_utterance() -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, 1.4, "what about five")
        await session.idle()

    play(desk, script)
    asked, interrupting = desk.transcriber.streams
    assert sum(chunk.seconds for chunk in interrupting.fed if chunk.samples[0] > 0) == pytest.approx(1.4)
    onset = next(number for number, chunk in enumerate(interrupting.fed) if chunk.samples[0] > 0)
    assert 0.2 <= sum(chunk.seconds for chunk in interrupting.fed[:onset]) <= 0.4
    assert asked.cancelled


def test_a_single_word_over_the_reply_is_answered() -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, 0.25, "Berlin.")
        await reach(desk, session, Phase.LISTENING)
        begun = loop_time()
        await reach(desk, session, Phase.COMMITTED)
        assert loop_time() - begun < 0.35, "the silence that followed the word counts"
        await session.idle()

    session = play(desk, script)
    assert [turn.user for turn in session.conversation.turns] == ["count to four", "Berlin."]
    assert session.conversation.turns[0].interrupted


def test_the_speaker_is_silent_soon_after_the_onset() -> None:
    desk = talkative()
    moments: list[float] = []

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        begun = loop_time()
        desk.transcriber.text = "what about five"
        desk.source.sounds.append((1.0, 0.3))
        await becomes(lambda: desk.output.paused)
        moments.append(loop_time() - begun)
        await session.idle()

    play(desk, script)
    assert moments[0] <= 0.16


def test_nothing_of_the_old_reply_comes_after_the_interruption() -> None:
    desk = talkative(model=FakeLanguageModel(reply=SENTENCES, token_seconds=0.8))

    async def script(session: TurnSession) -> None:
        await speaking(desk, session, 0.5)
        assert desk.model.closed_streams == 0
        await say(desk, 1.0, "what about five")
        assert desk.model.closed_streams == 1, "the model writes for nobody"
        await session.idle()

    play(desk, script)
    ended = next(number for number, event in enumerate(desk.events) if isinstance(event, ReplyEnded))
    assert not [event for event in desk.events[ended:] if isinstance(event, ReplyText) and event.turn_id == 1]


@dataclass
class TwoVoices(FakeTranscriber):
    """Understands other words of whoever speaks softly."""

    def __init__(self) -> None:
        super().__init__()
        self.softly = "berlin tomorrow"
        self.text = "what is the weather in"

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        await asyncio.sleep(self.seconds)
        levels = np.unique(np.round(audio.samples, 1))
        said = [text for level, text in ((0.3, self.text), (0.2, self.softly)) if np.any(np.isclose(levels, level))]
        return Transcript(" ".join(said), "en", 0.9, audio.seconds)


@pytest.mark.parametrize("seconds", [0.05 * step for step in range(24)])
def test_whoever_goes_on_at_any_moment_is_answered_as_a_whole(seconds: float) -> None:
    desk = talkative(transcriber=TwoVoices())

    async def script(session: TurnSession) -> None:
        await say(desk, 1.0)
        await asyncio.sleep(seconds)
        desk.source.sounds.append((1.0, 0.2))
        await asyncio.sleep(1.5)
        await session.idle()

    session = play(desk, script)
    asked = "\n".join(message.content for message in desk.model.prompts[-1])
    assert asked.index("what is the weather in") < asked.index("berlin tomorrow")
    last = session.conversation.turns[-1]
    assert (last.assistant, last.interrupted) == (LONG, False)
    assert sentences(desk) == []


class SlowVoice(FakeSynthesizer):
    """Takes a second for every word."""

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        for _ in text.split():
            yield AudioChunk(np.full(24_000, 0.3, np.float32), 24_000)


def test_both_utterances_belong_together_when_no_word_was_heard_in_between() -> None:
    desk = talkative(transcriber=TwoVoices(), synthesizer=SlowVoice(), model=FakeLanguageModel(reply=("Sunny.",)))

    async def script(session: TurnSession) -> None:
        await say(desk, 1.0)
        await reach(desk, session, Phase.SPEAKING)
        desk.source.sounds.append((1.0, 0.2))
        await asyncio.sleep(1.0)
        await session.idle()

    session = play(desk, script)
    first, second = session.conversation.turns
    assert (first.user, first.assistant, first.interrupted) == ("what is the weather in", "", True)
    assert second.user == "berlin tomorrow"
    assert [message.content for message in desk.model.prompts[-1] if message.role == "user"] == [
        "what is the weather in\nberlin tomorrow"
    ]


def test_the_stop_word_over_a_reply_ends_it_and_begins_nothing() -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, 0.5, "Arvis, stop!")
        await asyncio.sleep(0.5)
        assert session.state.phase is Phase.IDLE
        await asyncio.sleep(5.0)

    session = play(desk, script)
    assert [turn.interrupted for turn in session.conversation.turns] == [True]
    assert session.state.turn_id == 1
    assert desk.phases[-1] is Phase.IDLE
