"""Several voice engines behind one: when one fails, the next speaks."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from modules.audio.base import AudioChunk
from modules.engine import ProgressCallback
from modules.models.base import ModelError
from modules.tts.base import SynthesisError, Synthesizer, SynthesizerCapabilities
from utils.errors import ArvisError, MissingDependencyError

log = logging.getLogger(__name__)

SwitchCallback = Callable[[str, str, ArvisError], None]
"""Called on the event loop with the name of the engine that failed, of the one that takes over, and why."""

_ENGINE_ERRORS = (SynthesisError, ModelError, MissingDependencyError)
_NOT_THE_ENGINE = frozenset({"unknown-voice", "voice-not-installed", "bad-speed", "closed"})
"""Codes of errors that the caller made while the engine worked; another engine would only hide them."""


class FallbackSynthesizer:
    """Speaks with the first engine that works, and goes on with the next when one fails.

    An engine that failed stays out of use until `close`. When one fails before the first chunk of a clause, the next
    engine speaks that clause; when it fails later, the rest of the clause is lost, since no other engine can go on in
    the middle, and the next engine speaks from the next clause on. Engines load only when it is their turn. When all
    have failed, the next call begins with the first again.

    Args:
        engines: In the order of preference; at least one.
        on_switch: Told when an engine takes over.
    """

    def __init__(self, engines: Sequence[Synthesizer], on_switch: SwitchCallback | None = None) -> None:
        if not engines:
            raise ValueError("a fallback needs at least one engine")
        self._engines = tuple(engines)
        self._on_switch = on_switch
        self._current = 0
        self._errors: dict[str, ArvisError] = {}

    @property
    def name(self) -> str:
        """Name of the engine that speaks at present."""
        return self._engine.name

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Those of the engine that speaks at present."""
        return self._engine.capabilities

    @property
    def _engine(self) -> Synthesizer:
        return self._engines[self._current]

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Load the first engine that can be loaded; a second call returns at once.

        Raises:
            SynthesisError: None can; the message has the reason of each. With a single engine, its own error.
            MissingDependencyError: The only engine lacks a package.
        """
        await self._loaded(progress)

    async def warm_up(self) -> float:
        """Warm up the engine that speaks; return its floor in seconds.

        Raises:
            SynthesisError: No engine is left.
        """
        while True:
            engine = await self._loaded()
            try:
                return await engine.warm_up()
            except _ENGINE_ERRORS as error:
                self._switch(engine, error)

    async def close(self) -> None:
        """Close all engines; the first one has its turn again after the next `load`."""
        for engine in self._engines:
            await engine.close()
        self._current = 0
        self._errors.clear()

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the speech of `text`; an engine that took over and lacks the voice uses its own default.

        Raises:
            SynthesisError: No engine is left, or the request is wrong: no such voice, a speed out of bounds.
        """
        begun = False
        while not begun:
            engine = await self._loaded()
            known = engine is self._engines[0] or voice in engine.capabilities.voices
            chunks = engine.stream(text, voice=voice if known else None, speed=speed)
            try:
                async with aclosing(chunks):
                    async for chunk in chunks:
                        begun = True
                        yield chunk
            except _ENGINE_ERRORS as error:
                if error.code in _NOT_THE_ENGINE:
                    raise
                self._switch(engine, error)
            else:
                return

    async def _loaded(self, progress: ProgressCallback | None = None) -> Synthesizer:
        """The first engine that can be loaded, loaded."""
        while True:
            engine = self._engine
            try:
                await engine.load(progress)
            except _ENGINE_ERRORS as error:
                self._switch(engine, error)
            else:
                return engine

    def _switch(self, failed: Synthesizer, error: ArvisError) -> None:
        """Let the engine after the failed one take over, unless it already has.

        Raises:
            ArvisError: There is none.
        """
        if failed is not self._engine:
            return
        self._errors[failed.name] = error
        if self._current + 1 == len(self._engines):
            raise self._exhausted(error)
        self._current += 1
        log.warning("voice engine %s failed (%s); %s takes over", failed.name, error.code, self.name)
        if self._on_switch is not None:
            self._on_switch(failed.name, self.name, error)

    def _exhausted(self, error: ArvisError) -> ArvisError:
        """The error that says why none works; the next call begins with the first engine again."""
        reasons = " ".join(reason.message for reason in self._errors.values())
        self._current = 0
        self._errors = {}
        return SynthesisError("no-voice", f"No voice engine works. {reasons}") if len(self._engines) > 1 else error
