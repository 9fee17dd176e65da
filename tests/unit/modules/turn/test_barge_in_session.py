"""Speaking over a reply, over fakes in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.llm.conversation import Turn
from modules.stt.base import Transcript
from modules.turn.events import OverlapChanged, ReplyEnded, ReplyText, TurnMeasured, UserText
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.settings import ListeningMode
from modules.turn.state import Overlap, Phase
from modules.turn.watchdog import PAUSED_LIMIT
from tests.fakes.clock import loop_time
from tests.fakes.desk import Desk, play, until
from tests.fakes.engines import (
    FakeEchoCanceller,
    FakeEndpointModel,
    FakeLanguageModel,
    FakeSynthesizer,
    FakeTranscriber,
    FakeVad,
)
from tests.fakes.room import ask, becomes, open_desk, opened, reach, say, sentences

SENTENCES = [f"Number {number} of the sentences has just ten words in it. " for number in range(1, 5)]
LONG = "".join(SENTENCES).strip()
"""Eleven words a sentence, a tenth of a second each."""
DUCKED, PAUSED, NONE = Overlap.DUCKED, Overlap.PAUSED, Overlap.NONE


def talkative(**parts: Any) -> Desk:
    return open_desk(**({"model": FakeLanguageModel(reply=SENTENCES)} | parts))


async def speaking(desk: Desk, session: TurnSession, seconds: float = 1.0, text: str = "count to four") -> None:
    """Ask, and wait until so much of the reply was heard."""
    await say(desk, 1.0, text)
    await reach(desk, session, Phase.SPEAKING)
    await asyncio.sleep(seconds)


def overlaps(desk: Desk) -> list[Overlap]:
    return [event.overlap for event in desk.of(OverlapChanged)]


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
def test_a_click_only_makes_the_reply_softer_for_a_moment(seconds: float) -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, seconds)
        await session.idle()

    play(desk, script)
    assert overlaps(desk) == [DUCKED, NONE]
    assert desk.output.gains == [-12.0, 0.0]
    assert desk.output.pauses == 0
    assert len(desk.transcriber.streams) == 1


def test_its_own_echo_does_not_end_a_reply() -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session, 2.5)
        await say(desk, 1.0, "of the sentences has just ten words")
        await session.idle()

    session = play(desk, script)
    assert overlaps(desk)[-1] is NONE
    assert [turn.interrupted for turn in session.conversation.turns] == [False]


def test_as_long_as_echo_is_left_speech_has_to_last_longer() -> None:
    canceller = FakeEchoCanceller(settled=False)
    desk = talkative(ears=EarParts(FakeVad(), canceller, endpoint_model=FakeEndpointModel()))

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        await say(desk, 0.2, "what about five")
        await session.idle()

    play(desk, script)
    assert overlaps(desk) == [DUCKED, NONE]
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


# --- others that want something meanwhile -----------------------------------------------------------------------


@pytest.mark.parametrize("after", [0.05, 0.2])
def test_a_reply_that_is_softer_or_held_can_be_stopped(after: float) -> None:
    desk = talkative()

    async def script(session: TurnSession) -> None:
        await speaking(desk, session)
        desk.source.sounds.append((2.0, 0.3))
        await asyncio.sleep(after)
        assert session.state.overlap is (DUCKED if after < 0.1 else PAUSED)
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
