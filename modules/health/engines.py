"""Checks of the engines: each has to do a little of its work, and is timed while it does."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from modules.audio.base import AudioChunk
from modules.engine import Engine
from modules.health.base import Finding, HealthError, Status
from modules.llm.base import GenerationOptions, LanguageModel, Message
from modules.stt.base import StreamingTranscriber, Transcriber, Transcript
from modules.tts.base import Synthesizer
from modules.vad.base import VoiceActivityDetector

E = TypeVar("E", bound=Engine)
Clock = Callable[[], float]

QUESTION = "What is the capital of France?"
WORD = "Hello."
FEW_TOKENS = 5
ENOUGH_SECONDS = 0.3
"""Of speech, to know whether it can be heard and how fast it is made."""
SLOW_RTF = 1.0
"""Seconds of work for a second of sound; above it, speech is understood or made more slowly than it is spoken."""
SLOW_FIRST_TOKEN = 2.0
"""Seconds to the first token; a conversation halts when nothing is said for longer."""
SLOW_TOKENS = 5.0
"""Tokens a second below which the voice catches up with the model: English is spoken at about so many."""
_ADVICE = "Correct this, or choose another engine or model in the settings."
_FASTER = "Close other programs, or choose a smaller model in the settings."


@dataclass(frozen=True, slots=True)
class Trial:
    """What an engine did when it was tried."""

    words: str
    """That, to be read after the engine's name."""
    figures: Mapping[str, float] = field(default_factory=dict)
    complaint: str = ""
    """Why that was too slow; empty when it was not."""


Work = Callable[[E], Awaitable[Trial]]
"""Has an engine do something; raises HealthError when what comes out is wrong."""


async def load_and_try(
    build: Callable[[], E], work: Work[E], keep: Callable[[E], None], *, wanted: str = "", clock: Clock = time.monotonic
) -> Finding:
    """Load an engine, let it work, and measure both. It stays loaded.

    Args:
        build: Makes the engine.
        work: What it has to do.
        keep: Gets the engine, to close it later.
        wanted: Name of the engine that should do it; another one that stands in for it makes it DEGRADED.
        clock: Monotonic seconds.

    Raises:
        utils.errors.ArvisError: It does not work.
    """
    engine = build()
    keep(engine)
    started = clock()
    await engine.load()
    loaded = clock() - started
    floor = await engine.warm_up()
    trial = await work(engine)
    trial = Trial(
        f"{trial.words}; loaded in {loaded:.1f} s, floor {floor * 1000:.1f} ms",
        {"load_ms": round(loaded * 1000, 1), "floor_ms": round(floor * 1000, 1), **trial.figures},
        trial.complaint,
    )
    return conclude(engine.name, trial, wanted)


def conclude(name: str, trial: Trial, wanted: str = "") -> Finding:
    """What a trial says about a stage.

    Args:
        name: The engine that did it.
        trial: What it did.
        wanted: Name of the engine that should have done it; empty for any.
    """
    reason = f"{name} {trial.words}."
    if trial.complaint:
        return Finding(Status.DEGRADED, f"{reason} {trial.complaint}", _FASTER, trial.figures, name)
    if wanted and name != wanted:
        reason = f"{wanted} does not work; in its place {reason}"
        return Finding(Status.DEGRADED, reason, _ADVICE, trial.figures, name)
    return Finding(Status.HEALTHY, reason, figures=trial.figures, engine=name)


async def detect(vad: VoiceActivityDetector, speech: AudioChunk) -> Trial:
    """Find the speech in a recording (16 kHz) that has some."""
    spans = vad.spans(speech)
    if not spans:
        raise HealthError("no-speech-found", "It finds no speech where somebody speaks.")
    seconds = sum(span.end - span.start for span in spans)
    return Trial(f"finds {seconds:.1f} s of speech in {speech.seconds:.1f} s")


async def transcribe(transcriber: Transcriber, speech: AudioChunk, *, clock: Clock = time.monotonic) -> Trial:
    """Understand a recording (16 kHz)."""
    return await _understand(transcriber.transcribe(speech), speech, clock)


async def transcribe_stream(
    transcriber: StreamingTranscriber, speech: AudioChunk, *, clock: Clock = time.monotonic
) -> Trial:
    """Understand a recording (16 kHz) as if it were being spoken, as fast as that goes."""
    stream = transcriber.open()
    try:
        stream.feed(speech)
        return await _understand(stream.finish(), speech, clock)
    finally:
        await stream.cancel()


async def _understand(work: Awaitable[Transcript], speech: AudioChunk, clock: Clock) -> Trial:
    started = clock()
    transcript = await work
    rtf = (clock() - started) / speech.seconds
    if not transcript.text:
        raise HealthError("nothing-understood", "It understands nothing where somebody speaks.")
    slow = rtf > SLOW_RTF
    return Trial(
        f'understands "{transcript.text}" in {rtf:.2f} of the time that it took to say',
        {"rtf": round(rtf, 3)},
        "That is slower than people speak." if slow else "",
    )


def question(system_prompt: str) -> list[Message]:
    """A question of our own."""
    return [Message("system", system_prompt), Message("user", QUESTION)]


async def answer(model: LanguageModel, messages: Sequence[Message], *, clock: Clock = time.monotonic) -> Trial:
    """Begin to answer. What it says is not told, because the messages may be a conversation of the user's.

    All but the last message is read ahead, as a session does it.
    """
    await model.prefill(messages[:-1])
    times = [clock()]
    written = False
    options = GenerationOptions(max_tokens=FEW_TOKENS, temperature=0.0)
    async with aclosing(model.stream(messages, options)) as pieces:
        async for piece in pieces:
            times.append(clock())
            written = written or bool(piece.strip())
    if not written:
        raise HealthError("no-answer", "It gives no answer.")
    first = times[1] - times[0]
    rest = times[-1] - times[1]
    figures = {"first_token_ms": round(first * 1000, 1)}
    words = f"writes its first token after {first * 1000:.0f} ms"
    complaint = f"More than {SLOW_FIRST_TOKEN:g} s is too long for a conversation." if first > SLOW_FIRST_TOKEN else ""
    if rest > 0:
        rate = (len(times) - 2) / rest
        figures["tokens_per_second"] = round(rate, 1)
        words += f", then {rate:.0f} tokens a second"
        complaint = complaint or ("That is slower than people speak." if rate < SLOW_TOKENS else "")
    return Trial(words, figures, complaint)


async def speak(voice: Synthesizer, name: str | None, *, speed: float = 1.0, clock: Clock = time.monotonic) -> Trial:
    """Say a word, or as much of it as it takes to judge; what is cut short is kept by no cache.

    Args:
        voice: The engine.
        name: One of its voices; None for its own choice.
        speed: 0.5 to 2; one that nobody uses, such as 1.0003, makes a cache ask the engine.
        clock: Monotonic seconds.
    """
    started = clock()
    seconds, loudest = 0.0, 0.0
    async with aclosing(voice.stream(WORD, voice=name, speed=speed)) as chunks:
        async for chunk in chunks:
            seconds += chunk.seconds
            loudest = max(loudest, float(np.max(np.abs(chunk.samples), initial=0.0)))
            if loudest and seconds >= ENOUGH_SECONDS:
                break
    if loudest == 0.0:
        raise HealthError("silent-voice", "It speaks, but nothing is to be heard.")
    rtf = (clock() - started) / seconds
    return Trial(
        f"speaks a word in {rtf:.2f} of the time that it takes to hear",
        {"rtf": round(rtf, 3)},
        "That is slower than it is spoken, so it would falter." if rtf > SLOW_RTF else "",
    )
