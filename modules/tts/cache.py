"""A voice that does not speak the same text twice: what it said is kept and played again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from modules.audio.base import AudioChunk
from modules.engine import ProgressCallback
from modules.tts.base import Synthesizer, SynthesizerCapabilities
from modules.tts.cache_folder import SpeechFolder
from modules.tts.versions import version_of
from modules.tts.words import has_words
from utils.files import FileError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What the cache did since it was made."""

    hits: int = 0
    misses: int = 0

    @property
    def hit_rate(self) -> float:
        """Part of the texts that need not be spoken again, 0 to 1; 0 when there were none."""
        texts = self.hits + self.misses
        return self.hits / texts if texts else 0.0


class CachingSynthesizer:
    """A voice engine in front of which its earlier speech is kept.

    Only what was spoken to its end is kept. A cache that cannot be read or written is done without: nobody is to miss
    an answer for it.

    Args:
        synthesizer: The engine; one whose sound has one sample rate.
        folder: Where its speech is kept; may be shared with other engines. None for the user's own.
        limit: Bytes of all that is kept there, 1 or more.
        key_file: Where the key is that the names in the folder are made with; None for the user's own.
    """

    def __init__(
        self, synthesizer: Synthesizer, folder: Path | None, limit: int, *, key_file: Path | None = None
    ) -> None:
        self._engine = synthesizer
        self._folder = SpeechFolder(folder, key_file, limit=limit)
        self._version = version_of(synthesizer.name)
        self._stats = CacheStats()
        self._storing: set[asyncio.Task[None]] = set()
        self._prepared = False
        self._broken = False

    @property
    def name(self) -> str:
        """That of the engine."""
        return self._engine.name

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Those of the engine."""
        return self._engine.capabilities

    @property
    def stats(self) -> CacheStats:
        """How often it was of use."""
        return self._stats

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Load the engine.

        Raises:
            utils.errors.ArvisError: The engine cannot be loaded.
        """
        await self._engine.load(progress)
        if self._prepared:
            return
        self._prepared = True
        try:
            await asyncio.to_thread(self._folder.prepare)
        except FileError as error:
            self._give_up(error)

    async def warm_up(self) -> float:
        """Warm the engine up; nothing is taken from the cache, and nothing kept."""
        return await self._engine.warm_up()

    async def close(self) -> None:
        """Close the engine when what was said last is kept; a cache that failed is tried again after the next load."""
        if self._storing:
            await asyncio.wait(self._storing)
        self._prepared = self._broken = False
        await self._engine.close()

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the speech of `text`: in one chunk if it is kept, else as the engine makes it.

        Raises:
            SynthesisError: As the engine does; what is kept needs no engine.
        """
        name = await self._name(text, voice, speed)
        if name is not None and (kept := await asyncio.to_thread(self._folder.read, name)) is not None:
            self._count(hit=True)
            yield kept
            return
        pieces: list[AudioChunk] = []
        async with aclosing(self._engine.stream(text, voice=voice, speed=speed)) as chunks:
            async for chunk in chunks:
                pieces.append(chunk)
                yield chunk
        if name is not None and pieces:
            self._count(hit=False)
            self._keep(name, pieces)

    async def _name(self, text: str, voice: str | None, speed: float) -> str | None:
        """Name of the speech in the cache; None where there is nothing to say, or no cache."""
        if self._broken or not has_words(text):
            return None
        facts = (self.name, self._version, voice or self.capabilities.voices[0], f"{speed:.6f}", text)
        try:
            return await asyncio.to_thread(self._folder.name, *facts)
        except FileError as error:
            self._give_up(error)
            return None

    def _count(self, *, hit: bool) -> None:
        self._stats = CacheStats(self._stats.hits + hit, self._stats.misses + (not hit))

    def _keep(self, name: str, pieces: list[AudioChunk]) -> None:
        """Write in the background: whoever listens does not wait for the disk."""
        chunk = AudioChunk(np.concatenate([piece.samples for piece in pieces]), pieces[0].sample_rate)
        task = asyncio.create_task(self._write(name, chunk))
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)

    async def _write(self, name: str, chunk: AudioChunk) -> None:
        try:
            await asyncio.to_thread(self._folder.write, name, chunk)
        except FileError as error:
            self._give_up(error)

    def _give_up(self, error: FileError) -> None:
        self._broken = True
        log.warning("speech is not kept any more: %s", error.code)
