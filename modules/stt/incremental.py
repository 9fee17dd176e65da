"""Transcription while somebody speaks, so that only the tail is left to do when they stop.

A transcriber that knows whole utterances only is run over what there is, again and again. When the speaker pauses,
the run that begins at once covers everything: if nothing more is said, its result is the final one, and the time it
takes has passed before the end of the utterance is known.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.engine import ProgressCallback
from modules.stt.base import PartialCallback, Transcriber, TranscriberCapabilities, Transcript, TranscriptionStream
from modules.stt.recording import Recording
from modules.stt.speech import SpeechTracker
from modules.vad.base import VadStream, VoiceActivityDetector
from modules.vad.spans import MIN_SPEECH_SECONDS
from utils.aio import cancel

STEP = 0.7
"""Seconds of new speech after which the next run may begin while speech goes on."""
PAUSE = 0.09
"""Seconds of silence after which a run begins at once: three windows of the detector, which itself notices the end of
speech some 50 ms late. Waiting longer saves few runs and costs that much time after a quick end of the utterance."""
SHARE = 0.4
"""Part of the time that runs may take: one that is in the way when the speaker stops delays the final result."""
LONGEST = 15.0
"""Seconds that one run covers at most; what is older is cut off at a pause, transcribed once more, and then fixed."""
SHORTEST = MIN_SPEECH_SECONDS
"""Seconds of speech after a run that make another one necessary."""
_SETTLING = 3.0
"""Seconds of audio from which two runs that agree settle the language of the utterance."""

Clock = Callable[[], float]
"""Monotonic time in seconds."""


class IncrementalTranscriber:
    """A `StreamingTranscriber` made of a `Transcriber` and a detector of speech, which it owns.

    Args:
        transcriber: Does the work; it must be able to drop a call whose caller is cancelled.
        vad: Tells speech from silence; without speech the transcriber is never run.
        threshold: Probability of speech, 0 to 1, at which speech begins.
        clock: Measures how long runs take.
    """

    def __init__(
        self,
        transcriber: Transcriber,
        vad: VoiceActivityDetector,
        *,
        threshold: float = 0.5,
        clock: Clock = time.monotonic,
    ) -> None:
        self._transcriber = transcriber
        self._vad = vad
        self._threshold = threshold
        self._clock = clock

    @property
    def name(self) -> str:
        """Name of the transcriber."""
        return self._transcriber.name

    @property
    def capabilities(self) -> TranscriberCapabilities:
        """What the transcriber can do."""
        return self._transcriber.capabilities

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Load both; a second call returns at once.

        Raises:
            ArvisError: One of them cannot be loaded.
        """
        await self._vad.load(progress)
        await self._transcriber.load(progress)

    async def warm_up(self) -> float:
        """Warm both up; return the transcriber's floor in seconds."""
        await self._vad.warm_up()
        return await self._transcriber.warm_up()

    async def close(self) -> None:
        """Free both."""
        await self._transcriber.close()
        await self._vad.close()

    def open(self, *, language: str | None = None, on_partial: PartialCallback | None = None) -> TranscriptionStream:
        """Begin an utterance; must be called on the event loop.

        Raises:
            VadError: The detector is not loaded.
        """
        tracker = SpeechTracker(self._threshold)
        return _Stream(self._transcriber, self._vad.open(), tracker, self._clock, language, on_partial)


class _Stream:
    """One utterance."""

    def __init__(
        self,
        transcriber: Transcriber,
        vad: VadStream,
        speech: SpeechTracker,
        clock: Clock,
        language: str | None,
        on_partial: PartialCallback | None,
    ) -> None:
        self._transcriber = transcriber
        self._vad = vad
        self._speech = speech
        self._clock = clock
        self._language = language
        self._last_language: str | None = None
        self._on_partial = on_partial
        self._recording = Recording()
        self._fixed: list[Transcript] = []
        self._fixed_until = 0.0
        self._run: asyncio.Task[Transcript] | None = None
        self._covered = 0.0
        """Second up to which the run that began last has heard."""
        self._not_before = 0.0
        self._over = False
        self._dropped = False

    def feed(self, chunk: AudioChunk) -> None:
        """Add audio (16 kHz mono) and begin a run if it is time for one; returns at once.

        Raises:
            VadError: The audio has another sample rate.
        """
        if self._over:
            return
        self._speech.add(self._vad.feed(chunk))
        self._recording.append(chunk.samples)
        self._consider()

    async def settle(self) -> Transcript:
        """The transcript of everything fed so far, as good as a final one; the utterance may go on.

        Raises:
            TranscriptionError: The engine failed.
        """
        seconds = self._recording.seconds
        if self._speech.begin is None:
            return Transcript("", audio_seconds=seconds)
        return replace(await self._cover(), audio_seconds=seconds, final=True)

    async def finish(self) -> Transcript:
        """The utterance is over: return its final transcript; its text is empty when nobody spoke.

        Raises:
            TranscriptionError: The engine failed.
        """
        self._over = True
        return await self.settle()

    async def cancel(self) -> None:
        """Drop the utterance; no more partials arrive after this returns."""
        self._over = self._dropped = True
        if self._run is not None:
            await cancel(self._run)

    async def _cover(self) -> Transcript:
        """The result of a run that has heard everything there is now, begun now if there is none."""
        end = self._speech.end
        while not self._dropped:
            run = self._run
            if run is None or run.cancelled() or (self._covered < end and self._is_behind):
                if run is not None and not run.done():
                    await cancel(run)
                    continue  # another may have begun meanwhile
                run = self._begin_run()
            # Not awaited itself: who asks may give up, and what was begun is the next partial transcript all the same.
            await asyncio.wait({run})
            if not run.cancelled():
                return run.result()
        return Transcript("")

    @property
    def _is_behind(self) -> bool:
        """Whether something was said that the last run has not heard.

        Less than a word can be, such as the breath after one or the release of a consonant, is not worth another run:
        the present one would be lost, and the time too.
        """
        return self._speech.spoken_after(self._covered) >= SHORTEST

    def _consider(self) -> None:
        """Begin a run if there is new speech and it is time."""
        if self._over or self._speech.begin is None or not self._is_behind:
            return
        paused = self._speech.silence >= PAUSE
        if self._run is not None and not self._run.done():
            if not paused:
                return
            self._run.cancel()
        elif not paused:
            new = self._speech.end - max(self._covered, self._speech.begin)
            if new < STEP or self._clock() < self._not_before:
                return
        self._begin_run()

    def _begin_run(self) -> asyncio.Task[Transcript]:
        self._covered = self._recording.seconds
        run = self._run = asyncio.get_running_loop().create_task(self._pass(self._covered))
        run.add_done_callback(self._passed)
        return run

    async def _pass(self, until: float) -> Transcript:
        begun = self._clock()
        result = await self._transcribe(until)
        self._not_before = begun + (self._clock() - begun) / SHARE
        if not self._over and self._on_partial is not None and result.text:
            self._on_partial(result)
        return result

    def _passed(self, run: asyncio.Task[Transcript]) -> None:
        # A failure matters only if it is that of the last run; then `finish` raises it.
        if not run.cancelled() and run.exception() is None and run is self._run:
            self._consider()

    async def _transcribe(self, until: float) -> Transcript:
        """Everything up to a time, fixing what has become too old to be heard again and again."""
        while until - self._fixed_until > LONGEST:
            cut = self._speech.pause(self._fixed_until + LONGEST / 3, self._fixed_until + LONGEST)
            self._fixed.append(await self._hear(self._fixed_until, cut))
            self._fixed_until = cut
            self._recording.forget(cut)
        return _join([*self._fixed, await self._hear(self._fixed_until, until)])

    async def _hear(self, begin: float, end: float) -> Transcript:
        bounds = self._speech.bounds(begin, end)
        if bounds is None:
            return Transcript("")
        audio = AudioChunk(self._recording.part(*bounds), SPEECH_RATE)
        result = await self._transcriber.transcribe(audio, language=self._language)
        if result.audio_seconds >= _SETTLING and result.language == self._last_language:
            self._language = self._language or result.language
        self._last_language = result.language
        return result


def _join(parts: list[Transcript]) -> Transcript:
    """Consecutive transcripts as one that is not final."""
    heard = [part for part in parts if part.text]
    if not heard:
        return Transcript("", final=False)
    sure = [part for part in heard if part.confidence is not None]
    seconds = sum(part.audio_seconds for part in sure)
    confidence = sum((part.confidence or 0.0) * part.audio_seconds for part in sure) / seconds if seconds else None
    return Transcript(
        text=" ".join(part.text for part in heard),
        language=heard[0].language,
        confidence=confidence,
        audio_seconds=sum(part.audio_seconds for part in heard),
        final=False,
    )
