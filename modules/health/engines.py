"""Checks of the engines: each is really loaded and has to do a little of its work."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

import numpy as np

from modules.audio.base import AudioChunk
from modules.engine import Engine
from modules.health.base import CheckResult, HealthError, Status
from modules.llm.base import GenerationOptions, LanguageModel, Message
from modules.stt.base import Transcriber
from modules.tts.base import Synthesizer
from modules.vad.base import VoiceActivityDetector
from utils.errors import ArvisError

log = logging.getLogger(__name__)

E = TypeVar("E", bound=Engine)

QUESTION = "What is the capital of France?"
SENTENCE = "Hello, I am here."
FEW_TOKENS = 8
_ADVICE = "Correct this, or choose another engine or model in the settings."


async def check_engine(
    name: str,
    build: Callable[[], E],
    work: Callable[[E], Awaitable[str]],
    keep: Callable[[E], None],
    *,
    wanted: str = "",
    essential: bool = True,
    clock: Callable[[], float] = time.perf_counter,
) -> CheckResult:
    """Load an engine, let it work, and measure it. The engine stays loaded.

    Args:
        name: What the engine is for, in words.
        build: Makes the engine.
        work: Has it do something and returns what came out, in words; raises HealthError when that is wrong.
        keep: Gets the engine, to close it later.
        wanted: Name of the engine that should do it; where another one stands in for it, that is DEGRADED.
        essential: Whether Arvis is of no use without it.
        clock: Monotonic seconds.
    """
    broken = Status.UNHEALTHY if essential else Status.DEGRADED
    try:
        engine = build()
        keep(engine)
        started = clock()
        await engine.load()
        loaded = clock() - started
        floor = await engine.warm_up()
        outcome = await work(engine)
    except ArvisError as error:
        return CheckResult(name, broken, error.message, _ADVICE)
    except Exception as error:  # native libraries may raise anything; the other checks must go on
        log.exception("check of %s", name)
        return CheckResult(name, broken, f"It broke down ({type(error).__name__}: {error}).", _ADVICE)
    figures = {"load_ms": round(loaded * 1000, 1), "floor_ms": round(floor * 1000, 1)}
    summary = f"{engine.name} {outcome}; loaded in {loaded:.1f} s, floor {floor * 1000:.1f} ms."
    if wanted and engine.name != wanted:
        return CheckResult(name, Status.DEGRADED, f"{wanted} does not work; in its place {summary}", _ADVICE, figures)
    return CheckResult(name, Status.HEALTHY, summary, figures=figures)


async def detect(vad: VoiceActivityDetector, speech: AudioChunk) -> str:
    """Find the speech in a recording (16 kHz) that has some."""
    spans = vad.spans(speech)
    if not spans:
        raise HealthError("no-speech-found", "It finds no speech where somebody speaks.")
    seconds = sum(span.end - span.start for span in spans)
    return f"finds {seconds:.1f} s of speech in {speech.seconds:.1f} s"


async def transcribe(transcriber: Transcriber, speech: AudioChunk) -> str:
    """Understand a recording (16 kHz)."""
    transcript = await transcriber.transcribe(speech)
    if not transcript.text:
        raise HealthError("nothing-understood", "It understands nothing where somebody speaks.")
    return f'understands "{transcript.text}"'


async def answer(model: LanguageModel, system_prompt: str) -> str:
    """Begin to answer a question."""
    pieces: list[str] = []
    options = GenerationOptions(max_tokens=FEW_TOKENS, temperature=0.0)
    messages = [Message("system", system_prompt), Message("user", QUESTION)]
    async with aclosing(model.stream(messages, options)) as stream:
        async for piece in stream:
            pieces.append(piece)
    text = " ".join("".join(pieces).split())
    if not text:
        raise HealthError("no-answer", "It gives no answer.")
    return f'begins to answer "{text}"'


async def speak(voice: Synthesizer, name: str | None) -> str:
    """Speak a sentence, with the voice of that name or the engine's own."""
    seconds, loudest = 0.0, 0.0
    async with aclosing(voice.stream(SENTENCE, voice=name)) as chunks:
        async for chunk in chunks:
            seconds += chunk.seconds
            loudest = max(loudest, float(np.max(np.abs(chunk.samples), initial=0.0)))
    if loudest == 0.0:
        raise HealthError("silent-voice", "It speaks, but nothing is to be heard.")
    return f"speaks for {seconds:.1f} s"
