"""Measures a wake word detector: what it hears, what it should not hear, how soon, and what it costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.files import read_audio
from modules.bench.statistics import Spread
from modules.bench.wake_scenes import REQUESTS, SPEEDS, Scene, noise, scenes, speak
from modules.tts.base import Synthesizer
from modules.wake.base import WakeDetection, WakeWordDetector

NEAR_PHRASES = (
    "hey travis",
    "hey charles",
    "hey service",
    "hey marvin",
    "hey harvest",
    "hi jarvis",
    "jarvis",
    "hey java",
)
"""What is said in their place, and sounds like "hey jarvis" more or less."""

_CHUNK = SPEECH_RATE // 50
"""Samples that a microphone gives at a time."""

_FARTHEST_SECONDS = 1.0
"""A detection farther than this from the end of the phrase is no hit."""

_ROOM_LEVEL = 0.002
"""Root mean square of the noise in which the cost of waiting is measured."""

Progress = Callable[[str], None]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Hit:
    """What became of one phrase."""

    voice: str
    delay: float | None
    """Seconds from the end of the phrase to its detection, negative when it was known before; None when missed."""
    end_error: float | None
    """Seconds by which the reported end of the phrase was late; negative when it was early."""


@dataclass(frozen=True, slots=True)
class Near:
    """What became of a phrase that is another one."""

    phrase: str
    said: int
    heard: int
    """How often it was taken for the wake phrase."""


@dataclass(frozen=True, slots=True)
class WakeBench:
    """All that was measured."""

    phrase: str
    hits: tuple[Hit, ...]
    speech_seconds: float
    """Length of the recordings in which nobody says the phrase."""
    false_accepts: int
    """How often it was heard in them all the same."""
    near: tuple[Near, ...]
    cpu_share: float
    """Processor time over the time of the sound while nobody speaks; 1 is a whole core."""

    def as_dict(self) -> dict[str, object]:
        """Rounded figures for printing; times in milliseconds."""
        hours = self.speech_seconds / 3600.0
        voices = dict.fromkeys(hit.voice for hit in self.hits)
        return {
            "phrase": self.phrase,
            **_figures(self.hits),
            "voices": {voice: _figures([hit for hit in self.hits if hit.voice == voice]) for voice in voices},
            "speech_hours": round(hours, 3),
            "false_accepts": self.false_accepts,
            "false_accepts_per_hour": round(self.false_accepts / hours, 2) if hours else None,
            "near_phrases": {near.phrase: {"said": near.said, "heard": near.heard} for near in self.near},
            "cpu_percent_of_core": round(100.0 * self.cpu_share, 2),
        }


def _figures(hits: Sequence[Hit]) -> dict[str, object]:
    found = [hit for hit in hits if hit.delay is not None]
    return {
        "said": len(hits),
        "hits": len(found),
        "delay_ms": Spread.of([None if hit.delay is None else hit.delay * 1000.0 for hit in hits]).as_dict(),
        "end_error_ms": Spread.of(
            [None if hit.end_error is None else hit.end_error * 1000.0 for hit in hits]
        ).as_dict(),
    }


async def measure_wake(
    detector: WakeWordDetector,
    synthesizers: Sequence[Synthesizer],
    speech: Sequence[Path] = (),
    *,
    near_phrases: Sequence[str] = NEAR_PHRASES,
    seed: int = 0,
    waiting_seconds: float = 30.0,
    on_progress: Progress | None = None,
    clock: Clock = time.process_time,
) -> WakeBench:
    """Measure a detector with synthetic phrases, recordings and noise; the same for a seed, but for the processor time.

    The voices say the same in every run only if they are not loaded yet.

    Args:
        detector: Loaded here, closed by the caller.
        synthesizers: The voices that say the phrase; loaded here, closed by the caller.
        speech: Sound files in which nobody says it.
        near_phrases: What is said besides, to see whether it is taken for the phrase.
        seed: Of the places of the phrases and of the noise.
        waiting_seconds: Length of the noise in which the cost of waiting is measured.
        on_progress: Called with what is being done, in words.
        clock: Processor time of this process in seconds.

    Raises:
        utils.errors.ArvisError: The detector, a voice or a recording cannot be used.
    """
    bench = _Bench(detector, synthesizers, np.random.default_rng(seed), on_progress or (lambda _: None))
    await bench.load(seed)
    cpu_share = bench.cpu_share(waiting_seconds, clock)
    hits = await bench.hits()
    near = await bench.near(near_phrases)
    seconds, accepts = await bench.listen(speech)
    return WakeBench(
        phrase=detector.phrases[0],
        cpu_share=cpu_share,
        hits=tuple(hits),
        near=near,
        speech_seconds=seconds,
        false_accepts=accepts,
    )


class _Bench:
    def __init__(
        self, detector: WakeWordDetector, voices: Sequence[Synthesizer], rng: np.random.Generator, report: Progress
    ) -> None:
        self._detector = detector
        self._voices = voices
        self._rng = rng
        self._report = report

    async def load(self, seed: int) -> None:
        import onnxruntime

        onnxruntime.set_seed(seed)  # of the noise that voices such as Piper's speak from, when they are loaded after it
        for engine in (self._detector, *self._voices):
            self._report(f"Loading {engine.name}")
            await engine.load()
        await self._detector.warm_up()

    def cpu_share(self, seconds: float, clock: Clock) -> float:
        self._report("Waiting while nobody speaks")
        room = AudioChunk(noise(round(seconds * SPEECH_RATE), _ROOM_LEVEL, self._rng), SPEECH_RATE)
        begun = clock()
        self._detections(room)
        return (clock() - begun) / room.seconds

    async def hits(self) -> list[Hit]:
        hits: list[Hit] = []
        for voice in self._voices:
            self._report(f"Listening to {voice.name}")
            spoken = await speak(voice, self._detector.phrases[0], SPEEDS, REQUESTS)
            for scene in scenes(spoken, self._rng):
                hits.append(self._hit(scene))
                await asyncio.sleep(0)  # whoever waits for the loop has their turn
        return hits

    async def near(self, phrases: Sequence[str]) -> tuple[Near, ...]:
        return tuple([await self._near(phrase) for phrase in phrases])

    async def _near(self, phrase: str) -> Near:
        self._report(f'Listening to "{phrase}"')
        heard = said = 0
        for voice in self._voices:
            spoken = await speak(voice, phrase, SPEEDS, requests=("",))
            for scene in scenes(spoken, self._rng, noise_levels=(None,)):
                heard += bool(self._detections(scene.audio))
                said += 1
        return Near(phrase, said, heard)

    async def listen(self, recordings: Sequence[Path]) -> tuple[float, int]:
        """Seconds of all recordings, and how often the phrase was heard in them."""
        seconds, accepts = 0.0, 0
        for path in recordings:
            self._report(f"Listening to {path.name}")
            audio = await asyncio.to_thread(read_audio, path, SPEECH_RATE)
            seconds += audio.seconds
            accepts += len(self._detections(audio))
            await asyncio.sleep(0)
        return seconds, accepts

    def _hit(self, scene: Scene) -> Hit:
        for detected_at, detection in self._detections(scene.audio):
            delay = detected_at - scene.end
            if abs(delay) <= _FARTHEST_SECONDS:
                return Hit(scene.voice, delay, detection.end - scene.end)
        return Hit(scene.voice, None, None)

    def _detections(self, audio: AudioChunk) -> list[tuple[float, WakeDetection]]:
        """What is detected, each with the second at which the microphone had given what was needed for it."""
        stream = self._detector.open()
        found: list[tuple[float, WakeDetection]] = []
        for start in range(0, audio.frames, _CHUNK):
            samples = audio.samples[start : start + _CHUNK]
            now = (start + samples.shape[0]) / SPEECH_RATE
            found += [(now, detection) for detection in stream.feed(AudioChunk(samples, SPEECH_RATE, start))]
        return found
