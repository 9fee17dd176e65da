"""Several voice engines behind one: when one fails, the next speaks on where it broke off."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

import numpy as np

from modules.audio.base import AudioChunk, Samples
from modules.audio.resample import StreamResampler
from modules.engine import ProgressCallback
from modules.fallback.chain import EngineChain, Stage
from modules.fallback.chained import Chained
from modules.fallback.events import SwitchCallback
from modules.fallback.policy import FallbackPolicy
from modules.fallback.request import Failed, Request
from modules.tts.base import SynthesisError, Synthesizer, SynthesizerCapabilities
from modules.tts.handover import HeldSound, is_silent, splice
from modules.tts.words import has_words
from utils.errors import ArvisError

_STAGE = Stage(
    "tts",
    SynthesisError,
    "no-voice",
    "No voice engine works.",
    frozenset({"unknown-voice", "voice-not-installed", "bad-speed", "closed"}),
)
_LOUDEST = 4.0
"""Samples beyond this, where 1 is full scale, are no sound that an engine meant to make."""
_TRIAL = "Yes."


class FallbackSynthesizer(Chained[Synthesizer]):
    """A `Synthesizer` made of several.

    An engine that takes over before anything was heard speaks the whole clause. One that takes over later speaks the
    clause too, and what the first one has said of it is found in its sound and left out. All engines are heard at one
    sample rate, that of the first one that is loaded.

    Args:
        engines: In the order of preference, at least one; they belong to this one.
        on_switch: Told when one takes over from another.
        deadline_seconds: To the first sound of a clause, and from each piece of it to the next.
        policy: When an engine is left alone, and when it is tried again.
        is_idle: Whether no turn is under way; None to go by how long nothing was spoken.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        engines: Sequence[Synthesizer],
        on_switch: SwitchCallback | None = None,
        *,
        deadline_seconds: float = 5.0,
        policy: FallbackPolicy | None = None,
        is_idle: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(
            EngineChain(_STAGE, engines, on_switch, trial=_trial, policy=policy, is_idle=is_idle, clock=clock)
        )
        self._deadline = deadline_seconds
        self._clock = clock
        self._rate: int | None = None

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Those of the engine that speaks at present; the sample rate stays the same when another one takes over."""
        found = self.chain.current.engine.capabilities
        return found if self._rate is None else replace(found, sample_rate=self._rate)

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Load the first engine that can be loaded, and settle the sample rate.

        Raises:
            ArvisError: None can.
        """
        await super().load(progress)
        self._settled_rate()

    async def close(self) -> None:
        """Close all engines; the sample rate is that of the next one that is loaded."""
        await super().close()
        self._rate = None

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the speech of `text`; an engine that took over and lacks the voice uses its own default.

        Raises:
            SynthesisError: No engine is left, so that the text can only be read; or the request is wrong: no such
                voice, a speed out of bounds.
        """
        sound: HeldSound | None = None
        async with self.chain.request() as request:
            while True:
                try:
                    engine = await request.engine()
                except ArvisError:
                    if sound is not None and sound.kept.size:
                        yield sound.finish()
                    raise
                sound = sound or HeldSound(self._settled_rate(), self._clock)
                stream = engine.stream(text, voice=self._voice(engine, voice), speed=speed)
                pieces = self._checked(request, stream, silence_is_right=not has_words(text))
                spoken = _go_on(sound, pieces) if sound.begun or sound.kept.size else _speak(sound, pieces)
                try:
                    async with aclosing(spoken):
                        async for chunk in spoken:
                            yield chunk
                            request.gave()
                except Failed:
                    continue
                return

    async def _checked(
        self, request: Request[Synthesizer], stream: AsyncGenerator[AudioChunk, None], *, silence_is_right: bool
    ) -> AsyncGenerator[Samples, None]:
        """The sound of one engine at the common rate; from the first that is not silence on.

        Raises:
            Failed: The engine failed, made no sound, or made what is no sound.
            SynthesisError: The request is wrong.
        """
        resampler = StreamResampler(self._settled_rate())
        silence: list[Samples] = []
        sounds = False
        async with aclosing(request.pieces(stream, self._deadline)) as chunks:
            async for chunk in chunks:
                if not chunk.frames:
                    continue
                if not np.isfinite(chunk.samples).all() or float(np.abs(chunk.samples).max()) > _LOUDEST:
                    request.failed(_GARBAGE)
                    raise Failed
                samples = resampler.push(chunk).samples
                sounds = sounds or not is_silent(samples)
                silence.append(samples)
                if sounds:
                    yield np.concatenate(silence)
                    silence.clear()
        rest = resampler.flush().samples
        sounds = sounds or not is_silent(rest)
        if sounds:
            request.worked()
            yield np.concatenate([*silence, rest])
        elif not silence_is_right:
            request.doubted(_NO_SOUND)
            raise Failed

    def _voice(self, engine: Synthesizer, voice: str | None) -> str | None:
        preferred = engine is self.chain.links[0].engine
        return voice if preferred or voice in engine.capabilities.voices else None

    def _settled_rate(self) -> int:
        """Hertz of everything that is given out."""
        if self._rate is None:
            self._rate = self.chain.current.engine.capabilities.sample_rate
        return self._rate


_GARBAGE = SynthesisError("garbage", "The voice made noise instead of speech.", retryable=True)
_NO_SOUND = SynthesisError("no-sound", "The voice made no sound.", retryable=True)


async def _speak(sound: HeldSound, pieces: AsyncGenerator[Samples, None]) -> AsyncGenerator[AudioChunk, None]:
    """A clause from its beginning."""
    async with aclosing(pieces):
        async for samples in pieces:
            if (chunk := sound.feed(samples)).frames:
                yield chunk
    if (chunk := sound.finish()).frames:
        yield chunk


async def _go_on(sound: HeldSound, pieces: AsyncGenerator[Samples, None]) -> AsyncGenerator[AudioChunk, None]:
    """The rest of a clause that another engine has begun; nothing is given before all of it is known."""
    async with aclosing(pieces):
        whole = [samples async for samples in pieces]
    if not whole:
        return
    left, rest = splice(sound.given, sound.kept, np.concatenate(whole), sound.rate)
    for chunk in (sound.finish(cut=left), sound.add(rest)):
        if chunk.frames:
            yield chunk


async def _trial(engine: Synthesizer) -> None:
    async with aclosing(engine.stream(_TRIAL)) as chunks:
        async for chunk in chunks:
            if not is_silent(chunk.samples):
                return
    raise _NO_SOUND
