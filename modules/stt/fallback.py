"""Several speech recognition engines behind one: when one fails, the next hears the whole utterance."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np

from modules.audio.base import AudioChunk
from modules.fallback.chain import EngineChain, Stage
from modules.fallback.chained import Chained
from modules.fallback.events import SwitchCallback
from modules.fallback.plausible import is_noise
from modules.fallback.policy import FallbackPolicy
from modules.fallback.request import Failed, Request
from modules.stt.base import Transcriber, TranscriberCapabilities, Transcript, TranscriptionError

_STAGE = Stage(
    "stt",
    TranscriptionError,
    "no-transcriber",
    "No speech recognition works.",
    frozenset({"unknown-language", "sample-rate", "broken-audio"}),
)
_NOTHING = TranscriptionError("nothing-heard", "The speech recognition hears no words where there are some.")
_FASTEST = 8.0
"""Words per second that nobody says; an engine that hears more is making them up."""
_MARGIN_WORDS = 8
_AUDIBLE = 0.003
"""Peak, of full scale, from which there may be words in a sound (-50 dB)."""
_SURE = 0.77
_SURE_WORDS = 2
"""Confidence and words from which another engine is believed that there is speech where the first hears none. Of hiss,
hum and clicks Moonshine makes a single "You", with up to 0.8; recordings of phrases it knows with 0.8 to 0.99."""
_OPINION_SECONDS = 30.0
"""An engine that rightly heard nothing is not doubted again for so long."""


class FallbackTranscriber(Chained[Transcriber]):
    """A `Transcriber` made of several. `modules.stt.incremental` makes it streaming like any other.

    The audio of an utterance is at hand until it is transcribed, so whichever engine fails, and when, the next one
    hears all of it. An engine that hears nothing in an audible sound is checked by the next one.

    Args:
        engines: In the order of preference, at least one; they belong to this one.
        on_switch: Told when one takes over from another.
        deadline_seconds: For a transcript; half the length of the utterance comes on top.
        policy: When an engine is left alone, and when it is tried again.
        is_idle: Whether no turn is under way; None to go by how long nothing was transcribed.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        engines: Sequence[Transcriber],
        on_switch: SwitchCallback | None = None,
        *,
        deadline_seconds: float = 5.0,
        policy: FallbackPolicy | None = None,
        is_idle: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(EngineChain(_STAGE, engines, on_switch, policy=policy, is_idle=is_idle, clock=clock))
        self._deadline = deadline_seconds
        self._clock = clock
        self._language: str | None = None
        self._trusted_until = -math.inf

    @property
    def capabilities(self) -> TranscriberCapabilities:
        """Those of the engine that listens at present."""
        return self.chain.current.engine.capabilities

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        """Transcribe one utterance of any length (16 kHz mono).

        An engine that does not know the language, or the one that was spoken before, is not asked in place of another.

        Raises:
            TranscriptionError: No engine is left, or the request is wrong: an unknown language, another sample rate.
        """
        spoken = (language or self._language or "").lower()
        async with self.chain.request(lambda engine: _knows(engine, spoken)) as request:
            while True:
                engine = await request.engine()
                call = engine.transcribe(audio, language=language)
                try:
                    transcript = await request.result(call, self._limit(audio))
                except Failed:
                    continue
                if (trouble := _trouble(transcript, audio)) is not None:
                    request.failed(trouble)
                    continue
                if not transcript.text and self._is_doubtful(audio, request):
                    return await self._second_opinion(request, transcript, audio, language)
                request.worked()
                self._language = transcript.language or self._language
                return transcript

    def _limit(self, audio: AudioChunk) -> float:
        return self._deadline + audio.seconds / 2

    def _is_doubtful(self, audio: AudioChunk, request: Request[Transcriber]) -> bool:
        audible = float(np.max(np.abs(audio.samples), initial=0.0)) >= _AUDIBLE
        return audible and self._clock() >= self._trusted_until and request.alternative()

    async def _second_opinion(
        self, request: Request[Transcriber], nothing: Transcript, audio: AudioChunk, language: str | None
    ) -> Transcript:
        """What the next engine hears in a sound in which the first heard nothing."""
        first = request.link
        try:
            other = await request.engine()
            transcript = await request.result(other.transcribe(audio, language=language), self._limit(audio))
        except (Failed, TranscriptionError):  # nobody can tell better
            transcript = nothing
        sure = transcript.confidence is None or transcript.confidence >= _SURE
        if sure and len(transcript.text.split()) >= _SURE_WORDS and _trouble(transcript, audio) is None:
            request.worked()
            self.chain.doubt(first, _NOTHING)
            return transcript
        self._trusted_until = self._clock() + _OPINION_SECONDS
        self.chain.worked(first)
        return nothing


def _knows(engine: Transcriber, language: str) -> bool:
    known = engine.capabilities.languages
    return not language or known is None or language in known


def _trouble(transcript: Transcript, audio: AudioChunk) -> TranscriptionError | None:
    """What is wrong with a transcript that cannot be what was said."""
    words = len(transcript.text.split())
    sane = transcript.confidence is None or math.isfinite(transcript.confidence)
    if sane and words <= _MARGIN_WORDS + _FASTEST * audio.seconds and not is_noise(transcript.text):
        return None
    return TranscriptionError("garbage", "The speech recognition gave no sensible text.", retryable=True)
