"""Measures whole turns and the bare engines on the same input, in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from modules.audio.base import SPEECH_RATE, AudioChunk, AudioSource
from modules.audio.file_source import FileSource
from modules.audio.files import read_audio
from modules.audio.recorder import RecorderOutput
from modules.bench.statistics import Spread
from modules.llm.base import GenerationOptions, LanguageModel, Message
from modules.stt.base import StreamingTranscriber, Transcriber
from modules.tts.chunker import Clause, ClauseChunker
from modules.tts.normalizer import normalize
from modules.tts.speech import SpeechRenderer
from modules.turn.events import Notice, SessionEvent, TurnMeasured, UserText
from modules.turn.latency import LatencyRecord
from modules.turn.session import SessionParts, TurnSession
from modules.turn.settings import SessionSettings
from utils.errors import ArvisError

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".mp3"})
Clock = Callable[[], float]


class BenchError(ArvisError):
    """There is nothing to measure."""

    stage = "bench"


@dataclass(frozen=True, slots=True)
class BenchEngines:
    """What is measured: loaded by `measure`, closed by the caller."""

    transcriber: Transcriber
    streaming: StreamingTranscriber
    """`transcriber` at work while audio arrives."""
    model: LanguageModel
    renderer: SpeechRenderer


@dataclass(frozen=True, slots=True)
class Floors:
    """Milliseconds of the bare engines on the input of one turn."""

    stt: float
    """The whole utterance at once."""
    llm: float
    """The prompt up to the first clause, the system prompt cached."""
    tts: float
    """The first clause up to its first chunk."""

    @property
    def total(self) -> float:
        """Their sum."""
        return self.stt + self.llm + self.tts


@dataclass(frozen=True, slots=True)
class Measured:
    """One turn and its floors."""

    file: str
    seconds: float
    transcript: str
    latency: LatencyRecord
    floors: Floors

    @property
    def ratio(self) -> float:
        """First audible sound of the turn over the sum of the floors."""
        return (self.latency.first_audible or 0.0) / self.floors.total


@dataclass(frozen=True, slots=True)
class TurnBench:
    """All turns of a run."""

    turns: tuple[Measured, ...]

    def as_dict(self) -> dict[str, object]:
        """Spreads of every stage and floor in milliseconds, and of the ratio, with each turn."""
        stages = ("final_transcript", "first_token", "first_clause", "first_audio", "first_audible")
        latencies = {stage: Spread.of([getattr(t.latency, stage) for t in self.turns]).as_dict() for stage in stages}
        floors = {
            name: Spread.of([getattr(t.floors, name) for t in self.turns]).as_dict()
            for name in ("stt", "llm", "tts", "total")
        }
        audible = Spread.of([t.latency.first_audible for t in self.turns])
        return {
            "turns": len(self.turns),
            "latency_ms": latencies,
            "floors_ms": floors,
            "ratio_of_medians": round(audible.p50 / Spread.of([t.floors.total for t in self.turns]).p50, 3),
            "ratio": Spread.of([t.ratio for t in self.turns]).as_dict(digits=3),
            "each": [
                {
                    "file": t.file,
                    "audio_seconds": round(t.seconds, 2),
                    "transcript": t.transcript,
                    "latency_ms": t.latency.as_dict(),
                    "floors_ms": {
                        "stt": round(t.floors.stt, 1),
                        "llm": round(t.floors.llm, 1),
                        "tts": round(t.floors.tts, 1),
                    },
                    "ratio": round(t.ratio, 3),
                }
                for t in self.turns
            ],
        }


def recordings(folder: Path) -> list[Path]:
    """The sound files of a folder, by name.

    Raises:
        BenchError: There are none.
    """
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise BenchError("no-recordings", f"There is no sound file (WAV, FLAC, OGG or MP3) in {folder}.")
    return found


async def measure(
    engines: BenchEngines,
    settings: SessionSettings,
    files: Sequence[Path],
    *,
    runs: int = 1,
    on_turn: Callable[[Measured], None] | None = None,
    clock: Clock = time.perf_counter,
) -> TurnBench:
    """Speak every recording `runs` times at the speed of speech, each as the first turn of a conversation.

    Right after each turn the bare engines get the same input. Before both, the model's prompt cache is put into the
    same condition: only the system prompt is in it.

    Raises:
        utils.errors.ArvisError: An engine or a recording cannot be used, or a turn did not end in speech.
    """
    turns: list[Measured] = []
    spoken = [(path, read_audio(path, SPEECH_RATE)) for path in files]  # so that a bad file is told at once
    bench = _Bench(engines, settings, clock)
    await bench.load()
    for _ in range(runs):
        for path, audio in spoken:
            measured = await bench.turn(path.name, audio)
            turns.append(measured)
            if on_turn is not None:
                on_turn(measured)
    return TurnBench(tuple(turns))


class _Bench:
    def __init__(self, engines: BenchEngines, settings: SessionSettings, clock: Clock) -> None:
        self._engines = engines
        self._settings = settings
        self._clock = clock

    async def load(self) -> None:
        for engine in (self._engines.streaming, self._engines.model, self._engines.renderer.synthesizer):
            await engine.load()
            await engine.warm_up()

    async def turn(self, name: str, audio: AudioChunk) -> Measured:
        await self._reset_prompt_cache()
        said, latency = await self._session_turn(FileSource(audio, realtime=True))
        await self._reset_prompt_cache()
        stt = await self._transcribe(audio)
        llm, clause = await self._first_clause(said)
        tts = await self._first_chunk(clause)
        return Measured(name, audio.seconds, said, latency, Floors(stt, llm, tts))

    async def _session_turn(self, source: AudioSource) -> tuple[str, LatencyRecord]:
        events: list[SessionEvent] = []
        parts = SessionParts(
            source, RecorderOutput(), self._engines.streaming, self._engines.model, self._engines.renderer
        )
        session = TurnSession(parts, self._settings, events.append, own_engines=False)
        session.press()
        await session.idle()
        await session.close()
        for notice in (event for event in events if isinstance(event, Notice)):
            raise BenchError(notice.code, notice.text)
        said = [event.text for event in events if isinstance(event, UserText) and event.final]
        measured = [event.record for event in events if isinstance(event, TurnMeasured)]
        if not said or not measured or measured[0].first_audible is None:
            raise BenchError("no-turn", "A turn ended without speech, so there is nothing to measure.")
        return said[0], measured[0]

    async def _reset_prompt_cache(self) -> None:
        async with aclosing(
            self._engines.model.stream(self._messages("Hi."), GenerationOptions(max_tokens=1))
        ) as pieces:
            async for _ in pieces:
                pass

    async def _transcribe(self, audio: AudioChunk) -> float:
        started = self._clock()
        await self._engines.transcriber.transcribe(audio, language=self._settings.language)
        return (self._clock() - started) * 1000.0

    async def _first_clause(self, text: str) -> tuple[float, Clause]:
        chunker = ClauseChunker()
        started = self._clock()
        clauses: list[Clause] = []
        async with aclosing(self._engines.model.stream(self._messages(text), self._settings.generation)) as pieces:
            async for piece in pieces:
                clauses += chunker.feed(piece)
                if clauses:
                    break
        clauses += chunker.flush()
        elapsed = (self._clock() - started) * 1000.0
        if not clauses:
            raise BenchError("empty-reply", "The language model gave no answer, so there is nothing to measure.")
        return elapsed, clauses[0]

    async def _first_chunk(self, clause: Clause) -> float:
        text = normalize(clause.text)
        started = self._clock()
        async with aclosing(self._engines.renderer.synthesizer.stream(text, voice=self._settings.voice)) as chunks:
            async for _ in chunks:
                break
        return (self._clock() - started) * 1000.0

    def _messages(self, text: str) -> list[Message]:
        return [Message("system", self._settings.system_prompt), Message("user", text)]
