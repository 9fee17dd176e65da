"""Measures echo cancellation: how much echo is left, and how much of a voice that speaks at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.level import decibels
from modules.bench.acoustics import ROOMS, Room
from modules.bench.echo_scene import EchoScene, PlayedReference, Utterance, chunks, double_talk, far_only
from modules.bench.statistics import Spread
from modules.bench.words import words
from modules.echo.base import EchoCanceller, EchoError
from modules.stt.base import Transcriber
from modules.vad.base import VoiceActivityDetector

NEAR_DB = (-10.0, 0.0, 10.0)
"""Levels of the user relative to the echo that are measured, in decibels."""

WARM_UP_SECONDS = 4.0
"""Of speech from the assistant, before what remains is counted and before the user speaks."""

_VAD_WINDOW = 512
_SPEECH = 0.5
_BLOCK = SPEECH_RATE // 2
"""Half a second: the resolution of the time to converge."""
_CONVERGED_DB = 20.0
_AUDIBLE_DB = 20.0
"""A block whose echo is softer than the loudest by more than this does not count."""
_EDGE = SPEECH_RATE // 2
"""What is transcribed before and after an utterance."""
_LATEST_MS = 1000.0
"""An onset that is found later than this is missed."""


@dataclass(frozen=True, slots=True)
class EchoBenchEngines:
    """What is measured, and what measures; all loaded by `measure_echo` and closed by the caller."""

    canceller: EchoCanceller
    vad: VoiceActivityDetector
    transcriber: Transcriber | None = None
    """None when words need not be counted."""


@dataclass(frozen=True, slots=True)
class FarEnd:
    """The assistant alone in a room."""

    room: str
    seconds: float
    removed_db: float
    """Energy of the echo over that of what remains of it, after the warm-up."""
    converged_s: float | None
    """Seconds after which at least 20 dB are removed for good (of blocks of half a second); None for never."""
    false_onsets: int
    """How often the detector took what remains for the beginning of speech, after the warm-up."""
    early_onsets: int
    """The same, during the warm-up."""
    raw_onsets: int
    """The same without cancellation, after the warm-up."""
    cost: float
    """Seconds of one thread for a second of sound."""

    @property
    def minutes(self) -> float:
        """Of speech after the warm-up."""
        return (self.seconds - WARM_UP_SECONDS) / 60.0


@dataclass(frozen=True, slots=True)
class DoubleTalk:
    """The user speaks while the assistant does."""

    room: str
    near_db: float
    """The user relative to the echo."""
    recall: float
    """Part, 0 to 1, of the windows with the user's voice in which speech is detected."""
    onset_ms: Spread
    """From the onset that is detected in the user's voice alone to the one detected in what comes out."""
    missed: int
    """Utterances without such an onset within a second."""
    utterances: int
    words_wrong: float | None
    """Word error rate of what comes out."""
    words_wrong_raw: float | None
    """The same without cancellation."""
    words_wrong_alone: float | None
    """The same of the user's voice alone."""


@dataclass(frozen=True, slots=True)
class EchoBench:
    """All rooms and levels."""

    far_end: tuple[FarEnd, ...]
    double_talk: tuple[DoubleTalk, ...]

    def as_dict(self) -> dict[str, object]:
        """Decibels, seconds, counts per minute, and shares from 0 to 1."""
        minutes = sum(room.minutes for room in self.far_end)
        return {
            "removed_db": Spread.of(room.removed_db for room in self.far_end).as_dict(),
            "converged_s": Spread.of(room.converged_s for room in self.far_end).as_dict(),
            "false_onsets_per_minute": round(sum(room.false_onsets for room in self.far_end) / minutes, 2),
            "raw_onsets_per_minute": round(sum(room.raw_onsets for room in self.far_end) / minutes, 2),
            "real_time_factor": Spread.of(room.cost for room in self.far_end).as_dict(digits=4),
            "far_end": [_far_end(room) for room in self.far_end],
            "double_talk": [_double_talk(trial) for trial in self.double_talk],
        }


def _far_end(room: FarEnd) -> dict[str, object]:
    return {
        "room": room.room,
        "seconds": round(room.seconds, 1),
        "removed_db": round(room.removed_db, 1),
        "converged_s": room.converged_s,
        "false_onsets_per_minute": round(room.false_onsets / room.minutes, 2),
        "early_onsets": room.early_onsets,
        "raw_onsets_per_minute": round(room.raw_onsets / room.minutes, 2),
        "real_time_factor": round(room.cost, 4),
    }


def _double_talk(trial: DoubleTalk) -> dict[str, object]:
    rates = {
        "word_error_rate": trial.words_wrong,
        "word_error_rate_raw": trial.words_wrong_raw,
        "word_error_rate_alone": trial.words_wrong_alone,
    }
    return {
        "room": trial.room,
        "near_db": trial.near_db,
        "recall": round(trial.recall, 3),
        "onset_ms": trial.onset_ms.as_dict(),
        "missed": trial.missed,
        "utterances": trial.utterances,
        **{name: None if rate is None else round(rate, 3) for name, rate in rates.items()},
    }


async def measure_echo(
    engines: EchoBenchEngines,
    far: Sequence[AudioChunk],
    near: Sequence[Utterance],
    *,
    rooms: Sequence[Room] = ROOMS,
    near_db: Sequence[float] = NEAR_DB,
    seed: int = 0,
    on_result: Callable[[FarEnd | DoubleTalk], None] | None = None,
) -> EchoBench:
    """Let the assistant speak in every room, alone and together with the user at every level.

    All but the costs is the same whenever it is measured with the same seed.

    Args:
        engines: What is measured.
        far: What the assistant says (16 kHz), more than `WARM_UP_SECONDS` of it.
        near: What the user says; nothing leaves double talk out.
        rooms: Between loudspeaker and microphone.
        near_db: Levels of the user relative to the echo.
        seed: Of the rooms.
        on_result: Called with each result as soon as it is there.

    Raises:
        EchoError: `too-short`: there is not enough to be said by the assistant.
        utils.errors.ArvisError: An engine cannot be used.
    """
    if sum(chunk.seconds for chunk in far) <= WARM_UP_SECONDS + 1.0:
        raise EchoError("too-short", f"Measuring echo takes more than {WARM_UP_SECONDS + 1.0:g} s of speech to play.")
    bench = _Bench(engines, on_result or (lambda _: None))
    await bench.load()
    far_end = tuple(bench.far_end(room, far_only(room, far, seed)) for room in rooms)
    trials: list[DoubleTalk] = []
    for room in rooms if near else ():
        for level in near_db:
            scene = double_talk(room, far, near, level, WARM_UP_SECONDS, seed)
            trials.append(await bench.double_talk(room, level, scene, near))
    return EchoBench(far_end, tuple(trials))


class _Bench:
    def __init__(self, engines: EchoBenchEngines, on_result: Callable[[FarEnd | DoubleTalk], None]) -> None:
        self._engines = engines
        self._on_result = on_result
        self._alone: float | None = None  # words wrong without echo

    async def load(self) -> None:
        engines = self._engines
        for engine in (engines.canceller, engines.vad, *([engines.transcriber] if engines.transcriber else [])):
            await engine.load()
            await engine.warm_up()

    def far_end(self, room: Room, scene: EchoScene) -> FarEnd:
        clean, cost = self._clean(scene)
        warm = round(WARM_UP_SECONDS * SPEECH_RATE)
        onsets = _onsets(self._speech(clean))
        result = FarEnd(
            room.name,
            clean.shape[0] / SPEECH_RATE,
            decibels(scene.captured[warm:]) - decibels(clean[warm:]),
            _converged(scene.captured, clean),
            int((onsets >= warm // _VAD_WINDOW).sum()),
            int((onsets < warm // _VAD_WINDOW).sum()),
            int((_onsets(self._speech(scene.captured)) >= warm // _VAD_WINDOW).sum()),
            cost,
        )
        self._on_result(result)
        return result

    async def double_talk(self, room: Room, near_db: float, scene: EchoScene, near: Sequence[Utterance]) -> DoubleTalk:
        clean, _ = self._clean(scene)
        voice, found = self._speech(scene.near), self._speech(clean)
        delays = [_delay_ms(voice, found, span) for span in scene.spans]
        self._alone = await self._words_wrong(scene.near, scene, near) if self._alone is None else self._alone
        result = DoubleTalk(
            room.name,
            near_db,
            float((voice & found).sum() / max(1, voice.sum())),
            Spread.of(delays),
            sum(delay is None for delay in delays),
            len(delays),
            await self._words_wrong(clean, scene, near),
            await self._words_wrong(scene.captured, scene, near),
            self._alone,
        )
        self._on_result(result)
        return result

    def _clean(self, scene: EchoScene) -> tuple[Samples, float]:
        """What comes out of the canceller, in its place, and the seconds that it took for each second."""
        stream = self._engines.canceller.open(PlayedReference(scene.played))
        pieces = chunks(scene.captured)
        begun = time.thread_time()
        cleaned = [chunk for piece in pieces for chunk in stream.feed(piece)]
        cost = (time.thread_time() - begun) / (scene.captured.shape[0] / SPEECH_RATE)
        clean: Samples = np.zeros_like(scene.captured)
        for chunk in cleaned:
            clean[chunk.frame_index : chunk.frame_index + chunk.frames] = chunk.samples
        last = cleaned[-1].frame_index + cleaned[-1].frames if cleaned else 0
        clean[last:] = scene.captured[last:]  # what has not come out yet at the end of the scene
        return clean, cost

    def _speech(self, samples: Samples) -> NDArray[np.bool_]:
        """Whether each window is speech."""
        found = np.array(self._engines.vad.open().feed(AudioChunk(samples, SPEECH_RATE)))
        speech: NDArray[np.bool_] = found > _SPEECH
        return speech

    async def _words_wrong(self, samples: Samples, scene: EchoScene, near: Sequence[Utterance]) -> float | None:
        transcriber = self._engines.transcriber
        if transcriber is None:
            return None
        errors = count = 0
        for (first, last), utterance in zip(scene.spans, near, strict=True):
            part = AudioChunk(samples[max(0, first - _EDGE) : last + _EDGE], SPEECH_RATE)
            heard = await transcriber.transcribe(part, language="en")
            said = words(utterance.words)
            errors += _edits(said, words(heard.text))
            count += len(said)
        return errors / max(1, count)


def _converged(echo: Samples, clean: Samples) -> float | None:
    """Seconds after which every block in which there is echo is softer by `_CONVERGED_DB`."""
    count = echo.shape[0] // _BLOCK
    levels = [decibels(echo[number * _BLOCK : (number + 1) * _BLOCK]) for number in range(count)]
    audible = max(levels) - _AUDIBLE_DB
    bad = [
        number
        for number, level in enumerate(levels)
        if level > audible and level - decibels(clean[number * _BLOCK : (number + 1) * _BLOCK]) < _CONVERGED_DB
    ]
    first = bad[-1] + 1 if bad else 0
    return None if first >= count else first * _BLOCK / SPEECH_RATE


def _onsets(speech: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Windows in which speech begins."""
    return np.flatnonzero(speech & ~np.concatenate(([False], speech[:-1])))


def _delay_ms(voice: NDArray[np.bool_], found: NDArray[np.bool_], span: tuple[int, int]) -> float | None:
    """From the first window with the user's voice in the span to the first with speech found, at most a second."""
    window_ms = _VAD_WINDOW * 1000.0 / SPEECH_RATE
    first, last = span[0] // _VAD_WINDOW, -(-span[1] // _VAD_WINDOW)
    begun = np.flatnonzero(voice[first:last])
    if not begun.size:
        return None
    onset = first + int(begun[0])
    detected = np.flatnonzero(found[onset : onset + round(_LATEST_MS / window_ms)])
    return float(detected[0]) * window_ms if detected.size else None


def _edits(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words to insert, leave out or exchange to make one out of the other."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, 1):
        diagonal, row[0] = row[0], number
        for at, other in enumerate(heard, 1):
            diagonal, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, diagonal + (word != other))
    return row[-1]
