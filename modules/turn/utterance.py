"""What is said into an open microphone, from a little before its onset until its reply is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.stt.base import StreamingTranscriber, Transcript, TranscriptionStream


class Utterance:
    """Sound and words of one utterance; it may pause, be settled, and go on.

    Args:
        transcriber: Turns it into text.
        ready: Waits until the transcriber is loaded; raises ArvisError when it cannot be.
        is_ready: Whether the transcriber can be used without waiting.
        language: ISO 639-1 code; None to detect it.
        begin: What was heard before it was known that somebody speaks.
        on_partial: Called with each partial transcript.
    """

    def __init__(
        self,
        transcriber: StreamingTranscriber,
        ready: Callable[[], Awaitable[None]],
        *,
        is_ready: bool,
        language: str | None,
        begin: Sequence[AudioChunk],
        on_partial: Callable[[Transcript], None],
    ) -> None:
        self._transcriber = transcriber
        self._ready = ready
        self._language = language
        self._on_partial = on_partial
        self._stream: TranscriptionStream | None = None
        self._fed = 0  # chunks that the stream has
        self._closed = False
        self.chunks: list[AudioChunk] = list(begin)
        """All of its sound."""
        self.text = ""
        """Its words so far; what is being said now is not among them yet."""
        if is_ready:
            self._open()

    @property
    def seconds(self) -> float:
        """Length of its sound."""
        return sum(chunk.seconds for chunk in self.chunks)

    def feed(self, chunk: AudioChunk) -> None:
        """Add sound (16 kHz); returns at once."""
        self.chunks.append(chunk)
        if self._stream is not None:
            self._catch_up(self._stream)

    def tail(self, seconds: float) -> AudioChunk:
        """The last of its sound, as much as there is of so many seconds."""
        frames, parts = int(seconds * SPEECH_RATE), []
        missing = frames
        for chunk in reversed(self.chunks):
            if missing <= 0:
                break
            parts.append(chunk.samples)
            missing -= chunk.frames
        samples = np.concatenate([np.zeros(0, np.float32), *reversed(parts)])[-frames:]
        return AudioChunk(samples, SPEECH_RATE)

    async def settle(self) -> Transcript:
        """The transcript of everything so far, empty when it was closed; the utterance may go on.

        Raises:
            utils.errors.ArvisError: The transcriber cannot be loaded, or failed.
        """
        await self._ready()
        if self._closed:
            return Transcript("")
        transcript = await self._open().settle()
        self.text = transcript.text
        return transcript

    async def close(self) -> None:
        """Drop what is being transcribed; no more partial transcripts are told, from this call on."""
        self._closed = True
        if self._stream is not None:
            await self._stream.cancel()

    def _open(self) -> TranscriptionStream:
        if self._stream is None:
            self._stream = self._transcriber.open(language=self._language, on_partial=self._heard)
        self._catch_up(self._stream)
        return self._stream

    def _catch_up(self, stream: TranscriptionStream) -> None:
        while self._fed < len(self.chunks):
            stream.feed(self.chunks[self._fed])
            self._fed += 1

    def _heard(self, partial: Transcript) -> None:
        if not self._closed:
            self.text = partial.text
            self._on_partial(partial)
