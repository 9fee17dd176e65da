"""Engines that measure themselves: each does what the engine inside it does, and counts it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager

from modules.audio.base import AudioChunk
from modules.engine import Engine, ProgressCallback
from modules.llm.base import GenerationOptions, LanguageModel, LanguageModelCapabilities, Message
from modules.metrics.collector import MetricsCollector
from modules.stt.base import Transcriber, TranscriberCapabilities, Transcript
from modules.tts.base import Synthesizer, SynthesizerCapabilities
from utils.errors import ArvisError


class _Measured:
    """What the three have in common.

    Args:
        engine: Does the work.
        collector: Takes the figures.
        clock: Monotonic seconds.
    """

    _role: str

    def __init__(
        self, engine: Engine, collector: MetricsCollector, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._engine = engine
        self._collector = collector
        self._clock = clock
        for outcome in ("ok", "failed", "cancelled"):  # shown as 0, so that the first failure is an increase
            collector.increment("engine_calls_total", 0.0, role=self._role, engine=engine.name, outcome=outcome)

    @property
    def name(self) -> str:
        """Name of the engine, as in its registry."""
        return self._engine.name

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Load the engine."""
        await self._engine.load(progress)

    async def warm_up(self) -> float:
        """Warm the engine; return the seconds of a minimal run."""
        return await self._engine.warm_up()

    async def close(self) -> None:
        """Close the engine."""
        await self._engine.close()

    @contextmanager
    def _run(self) -> Iterator[None]:
        """Count a run, and how it ended."""
        outcome = "cancelled"
        try:
            yield
            outcome = "ok"
        except Exception as error:
            outcome = "failed"
            code = error.code if isinstance(error, ArvisError) else type(error).__name__
            self._collector.increment("engine_errors_total", role=self._role, engine=self.name, code=code)
            raise
        finally:
            self._collector.increment("engine_calls_total", role=self._role, engine=self.name, outcome=outcome)


class MeasuredTranscriber(_Measured):
    """Counts runs, errors, seconds of speech, and how fast it is."""

    _role = "stt"

    def __init__(
        self, engine: Transcriber, collector: MetricsCollector, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        super().__init__(engine, collector, clock)
        self._transcriber = engine

    @property
    def capabilities(self) -> TranscriberCapabilities:
        """What the engine can do."""
        return self._transcriber.capabilities

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        """Transcribe one utterance, as the engine does."""
        begun = self._clock()
        with self._run():
            transcript = await self._transcriber.transcribe(audio, language=language)
        seconds = self._clock() - begun
        self._collector.observe("stt_seconds", seconds, engine=self.name)
        self._collector.increment("stt_audio_seconds_total", audio.seconds, engine=self.name)
        if audio.seconds > 0:
            self._collector.observe("stt_real_time_factor_ratio", seconds / audio.seconds, engine=self.name)
        return transcript


class MeasuredLanguageModel(_Measured):
    """Counts runs, errors and tokens, and how fast they come."""

    _role = "llm"

    def __init__(
        self, engine: LanguageModel, collector: MetricsCollector, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        super().__init__(engine, collector, clock)
        self._model = engine

    @property
    def capabilities(self) -> LanguageModelCapabilities:
        """What the engine can do."""
        return self._model.capabilities

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Length of the prompt, as the engine counts it."""
        return self._model.count_tokens(messages)

    async def prefill(self, messages: Sequence[Message]) -> int:
        """Read a prompt ahead of time, as the engine does."""
        return await self._model.prefill(messages)

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the reply as the engine does."""
        begun = last = self._clock()
        first, longest, tokens = begun, 0.0, 0
        try:
            with self._run():
                async with aclosing(self._model.stream(messages, options)) as pieces:
                    async for piece in pieces:
                        now = self._clock()
                        if tokens:
                            longest = max(longest, now - last)
                        else:
                            first = now
                        last = now
                        tokens += 1
                        yield piece
        finally:
            self._written(first - begun, last - first, longest, tokens)

    def _written(self, waited: float, seconds: float, longest: float, tokens: int) -> None:
        if not tokens:
            return
        self._collector.increment("llm_tokens_total", tokens, engine=self.name)
        self._collector.observe("llm_first_token_seconds", waited, engine=self.name)
        if seconds > 0:
            self._collector.observe("llm_tokens_per_second", (tokens - 1) / seconds, engine=self.name)
            self._collector.observe("llm_longest_gap_seconds", longest, engine=self.name)


class MeasuredSynthesizer(_Measured):
    """Counts runs, errors and seconds of sound, and how fast they come."""

    _role = "tts"

    def __init__(
        self, engine: Synthesizer, collector: MetricsCollector, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        super().__init__(engine, collector, clock)
        self._synthesizer = engine

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """What the engine can do."""
        return self._synthesizer.capabilities

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the speech of `text` as the engine does."""
        spent = sound = 0.0
        first: float | None = None
        asked = self._clock()
        try:
            with self._run():
                async with aclosing(self._synthesizer.stream(text, voice=voice, speed=speed)) as chunks:
                    async for chunk in chunks:
                        spent += self._clock() - asked  # what the caller takes for a chunk is not the engine's time
                        first = spent if first is None else first
                        sound += chunk.seconds
                        yield chunk
                        asked = self._clock()
        finally:
            self._spoken(first, spent, sound)

    def _spoken(self, first: float | None, spent: float, sound: float) -> None:
        if first is None or sound <= 0:
            return
        self._collector.observe("tts_first_chunk_seconds", first, engine=self.name)
        self._collector.observe("tts_real_time_factor_ratio", spent / sound, engine=self.name)
        self._collector.increment("tts_audio_seconds_total", sound, engine=self.name)
