"""Replies that are held back until it is certain that they are wanted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from modules.audio.base import AudioChunk
from modules.llm.base import GenerationOptions, LanguageModelError, Message
from modules.streaming.monitor import LLMPerformanceMonitor
from modules.streaming.optimizer import LLMStreamingOptimizer
from modules.tts.base import SynthesisError
from modules.tts.speech import SpeechRenderer
from modules.turn.replying import Reply, ReplyHooks
from modules.turn.speaking import Voice
from modules.turn.timeline import Timeline
from tests.fakes.audio import FakeOutput
from tests.fakes.clock import loop_time, run_virtual
from tests.fakes.engines import FakeLanguageModel, FakeSynthesizer
from utils.errors import ArvisError

TEXT = "The capital of France is Paris. It is a big city."
LONG = [f"Number {number} of the sentences has just ten words in it. " for number in range(1, 9)]


async def _ready() -> None:
    await asyncio.sleep(0)


@dataclass
class Booth:
    """One reply over fakes, and what it told."""

    model: FakeLanguageModel = field(default_factory=FakeLanguageModel)
    synthesizer: FakeSynthesizer = field(default_factory=FakeSynthesizer)
    output: FakeOutput = field(default_factory=FakeOutput)
    aloud: bool = True
    held: bool = True
    told: list[str] = field(default_factory=list)

    def open(self) -> None:
        hooks = ReplyHooks(
            on_text=lambda text: self.told.append(f"text {text}"),
            on_audible=lambda: self.told.append("audible"),
            on_mute=lambda error: self.told.append(f"mute {error.code}"),
            on_spoken=lambda text: self.told.append(f"spoken {text}"),
        )
        voice = Voice(SpeechRenderer(self.synthesizer), self.output, _ready)
        self.timeline = Timeline(loop_time)
        self.optimizer = LLMStreamingOptimizer(LLMPerformanceMonitor(loop_time), loop_time)
        self.reply = Reply(
            self.model,
            voice if self.aloud else None,
            self.timeline,
            hooks,
            held=self.held,
            optimizer=self.optimizer,
        )
        self.task = asyncio.create_task(self.reply.run([Message("user", "hello")], GenerationOptions()))

    @property
    def silent(self) -> bool:
        return not (self.told or self.output.begun or self.output.played or self.output.stops or self.reply.spoken)


def _in(booth: Booth, script: Callable[[Booth], Awaitable[None]]) -> None:
    async def main() -> None:
        booth.open()
        await script(booth)

    run_virtual(main)


def test_a_held_reply_is_generated_and_synthesised_but_neither_shown_nor_heard() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(60)
        assert booth.silent
        assert not booth.task.done()
        assert booth.reply.text == TEXT
        assert booth.reply.tokens == 6
        assert booth.synthesizer.spoken == ["The capital of France is Paris.", "It is a big city."]
        record = booth.timeline.record()
        assert record.first_token == pytest.approx(50)
        assert record.first_clause == pytest.approx(80)
        assert record.first_audio is None
        booth.task.cancel()

    _in(Booth(), script)


def test_about_two_seconds_of_sound_are_made_ahead() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(60)
        assert len(booth.synthesizer.spoken) == 2, "each is 1.4 s long"
        booth.task.cancel()

    _in(Booth(model=FakeLanguageModel(reply=LONG)), script)


class ShortQueue(FakeOutput):
    """Takes two seconds at a time, like a speaker."""

    async def play(self, chunk: AudioChunk) -> None:
        queued = sum(played.seconds for played in self.played) - self.heard(loop_time())
        await asyncio.sleep(max(0.0, queued - 2.0))
        await super().play(chunk)


def test_more_is_made_ahead_once_it_is_heard() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(60)
        booth.reply.release()
        await asyncio.sleep(0.2)
        handed_over = sum(chunk.seconds for chunk in booth.output.played)
        assert 2.0 < handed_over < 2.6
        # Each clause is 1.4 s long: six seconds and what is left of the clause that exceeds them.
        assert 5.9 < 1.4 * len(booth.synthesizer.spoken) - handed_over < 7.4
        await booth.task
        assert len(booth.synthesizer.spoken) == 16

    _in(Booth(model=FakeLanguageModel(reply=LONG * 2), output=ShortQueue()), script)


def test_release_tells_the_text_at_once_and_plays_the_sound_that_is_ready() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(0.065)
        assert booth.silent
        booth.reply.release()
        assert booth.told == ["text The capital of France"]
        await booth.task
        assert "".join(t.removeprefix("text ") for t in booth.told if t.startswith("text ")) == TEXT

    _in(Booth(), script)


def test_a_reply_that_was_ready_is_heard_as_soon_as_it_is_released() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(5)
        released = loop_time()
        booth.reply.release()
        await booth.task
        assert booth.told == [
            f"text {TEXT}",
            "audible",
            "spoken The capital of France is Paris.",
            "spoken It is a big city.",
        ]
        assert booth.output.first_audible == released + 0.02
        assert booth.timeline.record().first_audio == pytest.approx(5000)
        assert loop_time() - released == pytest.approx(1.4), "not heard to its end"
        assert booth.reply.spoken

    _in(Booth(), script)


def test_a_discarded_reply_leaves_nothing_behind() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(0.07)
        booth.task.cancel()
        await asyncio.wait({booth.task})
        assert booth.silent
        assert booth.reply.cut() == ""
        assert booth.silent, "it must not silence what others play"
        assert (booth.reply.tokens, booth.model.closed_streams) == (3, 1)

    _in(Booth(), script)


def test_a_held_reply_in_writing_only() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(5)
        assert booth.silent
        assert booth.reply.cut() == ""
        booth.reply.release()
        booth.reply.release()
        await booth.task
        assert booth.told == [f"text {TEXT}"]
        assert booth.reply.cut() == TEXT

    _in(Booth(aloud=False), script)


def test_release_before_the_first_token_tells_nothing_yet() -> None:
    async def script(booth: Booth) -> None:
        booth.reply.release()
        assert booth.told == []
        await booth.task
        assert booth.told[0] == "text The capital"

    _in(Booth(), script)


def test_a_held_reply_fails_only_when_it_is_released() -> None:
    error = LanguageModelError("broken", "Broken.")

    async def script(booth: Booth) -> None:
        await asyncio.sleep(5)
        assert not booth.task.done()
        booth.reply.release()
        with pytest.raises(ArvisError, match="Broken"):
            await booth.task
        assert booth.told[0] == "text The capital of France"

    _in(Booth(model=FakeLanguageModel(errors={2: error})), script)


def test_a_held_reply_that_is_empty_fails_only_when_it_is_released() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(5)
        assert not booth.task.done()
        booth.reply.release()
        with pytest.raises(LanguageModelError, match="no answer"):
            await booth.task
        assert booth.told == []

    _in(Booth(model=FakeLanguageModel(reply=[])), script)


def test_a_held_reply_loses_its_voice_only_when_it_is_released() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(5)
        assert booth.silent
        booth.reply.release()
        await booth.task
        assert booth.told == [f"text {TEXT}", "mute tts"]
        assert booth.reply.cut() == TEXT

    _in(Booth(synthesizer=FakeSynthesizer(errors=[SynthesisError("tts", "Broken.")])), script)


def test_a_released_reply_is_cut_where_playback_was() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(5)
        booth.reply.release()
        await asyncio.sleep(0.35)
        assert booth.reply.cut() == "The capital of"
        booth.task.cancel()

    _in(Booth(), script)


def test_an_unexpected_error_of_the_voice_is_not_lost() -> None:
    async def broken() -> None:
        raise RuntimeError("native code")

    async def script(booth: Booth) -> None:
        booth.task.cancel()
        voice = Voice(SpeechRenderer(booth.synthesizer), booth.output, broken)
        hooks = ReplyHooks(lambda _: None, lambda: None, lambda _: None)
        reply = Reply(booth.model, voice, booth.timeline, hooks)
        with pytest.raises(RuntimeError, match="native code"):
            await reply.run([Message("user", "hello")], GenerationOptions())

    _in(Booth(), script)


def test_a_reply_teaches_the_optimizer() -> None:
    async def script(booth: Booth) -> None:
        await booth.task
        performance = booth.optimizer.monitor.snapshot("fake")
        assert (performance.generations, performance.tokens, performance.cancelled) == (1, 6, 0)
        assert performance.first_token_p50 == pytest.approx(0.05)
        assert performance.tokens_per_second == pytest.approx(100)
        speed = booth.optimizer.speed
        assert speed.compute(6) == pytest.approx(0.01)
        # 11 words of 0.1 s, and a pause of 0.3 s between the sentences.
        assert speed.audio_per_word == pytest.approx(1.4 / 11, abs=0.005)

    _in(Booth(held=False), script)


def test_a_discarded_reply_counts_as_cancelled() -> None:
    async def script(booth: Booth) -> None:
        await asyncio.sleep(0.07)
        booth.task.cancel()
        await asyncio.wait({booth.task})
        assert booth.optimizer.monitor.snapshot("fake").cancelled == 1

    _in(Booth(), script)


def test_clauses_follow_the_pace() -> None:
    async def script(booth: Booth) -> None:
        booth.optimizer.spoken(4, 0.4, 0.4)
        booth.optimizer.spoken(10, 0.9, 1.0)
        await booth.task
        assert booth.synthesizer.spoken == ["We went down to the old town", "because the weather was fine."]

    pieces = re.findall(r"\S+\s?", "We went down to the old town because the weather was fine.")
    slow = FakeLanguageModel(reply=pieces, token_seconds=0.06)
    _in(Booth(model=slow, held=False), script)
