"""openWakeWord's detector of "hey jarvis" and other phrases, from the ONNX files of its package."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.engine import LoadProgress, ProgressCallback
from modules.wake.base import WakeDetection, WakeError, WakeStream
from modules.wake.openwakeword_features import EMBEDDING_SIZE, EMBEDDINGS, STEP, FeatureStream
from modules.wake.openwakeword_files import find_files, phrases_of
from utils.aio import Worker
from utils.onnx import open_session

_STIRRING = 0.05
"""Score that is reached on the way to the threshold when the phrase is about to be complete."""

_STIRRING_STEPS = 6
"""How far back from the detection the score may have been reached."""

_END_BEFORE_STIRRING = 0.08
"""Seconds from the end of the phrase to the step at which the score stirs, as assumed.

Measured with 1435 phrases of two neural voices at 0.7 to 1.2 times their speed, in five pitches, at signal-to-noise
ratios from 5 dB: the score stirs 0.27 s before to 0.09 s after their end (5 to 95 %; median 0.07 s before), so that
the end is hardly ever reported late, which would cut into a request that follows without a pause, but often early,
which leaves a rest of the phrase. For espeak-ng's voices it is late by more than 0.25 s in one of twenty cases.
"""


@dataclass(frozen=True, slots=True)
class _Sessions:
    melspectrogram: Any
    embedding: Any
    phrase: Any


class OpenWakeWord:
    """A `WakeWordDetector`; listening takes about 1 % of a core.

    The models are an opt-in with a licence of their own: `openwakeword_files.LICENCE_NOTE`. With the default threshold
    "hey jarvis" is heard in 99 of 100 cases when neural voices say it at up to 1.2 times their speed, also at a
    signal-to-noise ratio of 5 dB, and 0.2 s after its end in 95 of 100; plain noise and 40 minutes of read speech do
    not wake it. What sounds nearly the same does: "hi jarvis" and "hey java" always, "hey charles" mostly, "hey travis"
    sometimes. A higher threshold, or several steps above it, would cost more phrases and time than it spares.

    Args:
        model: One of `openwakeword_files.PACKAGED_MODELS`, or the path of an .onnx file for another phrase.
        threshold: Score, 0 to 1, from which the phrase counts as heard.
        cooldown: Seconds after a detection in which there is no other.
    """

    def __init__(self, model: str = "hey_jarvis", *, threshold: float = 0.5, cooldown: float = 2.0) -> None:
        self._model = model
        self._threshold = threshold
        self._cooldown = cooldown
        self._sessions: _Sessions | None = None

    @property
    def name(self) -> str:
        """Name of the engine."""
        return "openwakeword"

    @property
    def phrases(self) -> tuple[str, ...]:
        """How what wakes it may be written in a transcript, lower case without punctuation."""
        return phrases_of(self._model)

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Read the models; a second call returns at once.

        Raises:
            WakeError: `model-missing`, `model-broken` or `unknown-model`.
        """
        if self._sessions is not None:
            return
        if progress is not None:
            progress(LoadProgress(self.name, "Loading the wake word models"))
        worker = Worker("wake-load")
        try:
            self._sessions = await worker.run(_open, self._model)
        finally:
            worker.close()

    async def warm_up(self) -> float:
        """Run a step until first-use costs are paid; return the seconds of a run after that.

        Raises:
            WakeError: `not-loaded`.
        """
        stream = self.open()
        step = AudioChunk(np.zeros(STEP, np.float32), SPEECH_RATE)
        stream.feed(step)
        begun = time.perf_counter()
        stream.feed(step)
        return time.perf_counter() - begun

    async def close(self) -> None:
        """Free the models; streams that are still open keep them."""
        self._sessions = None

    def open(self) -> WakeStream:
        """Begin a stream.

        Raises:
            WakeError: `not-loaded`.
        """
        if self._sessions is None:
            raise WakeError("not-loaded", "The wake word is not loaded yet. Wait a moment and try again.")
        return _OpenWakeWordStream(self._sessions, self._threshold, self._cooldown)


class _OpenWakeWordStream:
    """One stream: the samples that do not fill a step yet, and when the phrase was heard last."""

    def __init__(self, sessions: _Sessions, threshold: float, cooldown: float) -> None:
        self._features = FeatureStream(sessions.melspectrogram, sessions.embedding)
        self._phrase = sessions.phrase
        self._input = sessions.phrase.get_inputs()[0].name
        self._threshold = threshold
        self._cooldown = round(cooldown * SPEECH_RATE)
        self._pending: Samples = np.zeros(0, np.float32)
        self._position = 0  # samples that were judged
        self._deaf_until = 0
        self._scores: deque[float] = deque([0.0], maxlen=_STIRRING_STEPS + 1)

    def feed(self, chunk: AudioChunk) -> list[WakeDetection]:
        """Take sound (16 kHz); return the phrases that it completes. A step of 80 ms takes about a millisecond.

        Raises:
            WakeError: `wrong-rate`: the chunk is not at 16 kHz.
        """
        if chunk.sample_rate != SPEECH_RATE:
            raise WakeError("wrong-rate", f"The wake word needs sound at 16000 Hz, not {chunk.sample_rate} Hz.")
        samples = np.concatenate((self._pending, chunk.samples))
        whole = samples.shape[0] // STEP * STEP
        self._pending = samples[whole:].copy()
        found = (self._step(samples[at : at + STEP]) for at in range(0, whole, STEP))
        return [detection for detection in found if detection is not None]

    def _step(self, samples: Samples) -> WakeDetection | None:
        embeddings = self._features.push(samples)
        score = float(self._phrase.run(None, {self._input: embeddings})[0].item())
        self._position += STEP
        rises = self._scores[-1] < self._threshold <= score
        self._scores.append(score)
        if not rises or self._position < self._deaf_until:
            return None
        self._deaf_until = self._position + self._cooldown
        return WakeDetection(score, self._phrase_end())

    def _phrase_end(self) -> float:
        """Second of the stream at which the phrase that was just detected was over, rather too early than too late."""
        low = min(_STIRRING, self._threshold)
        steps_ago = max(ago for ago, score in enumerate(reversed(self._scores)) if score >= low)
        return max(0.0, (self._position - steps_ago * STEP) / SPEECH_RATE - _END_BEFORE_STIRRING)


def _open(model: str) -> _Sessions:
    files = find_files(model)
    melspectrogram, embedding = _session(files.melspectrogram), _session(files.embedding)
    phrase = _session(files.phrase)
    asks = [node.shape[1:] for node in phrase.get_inputs()]
    if asks != [[EMBEDDINGS, EMBEDDING_SIZE]] or [node.shape[1:] for node in phrase.get_outputs()] != [[1]]:
        raise _broken(files.phrase)
    return _Sessions(melspectrogram, embedding, phrase)


def _session(path: Path) -> Any:
    try:
        return open_session(path, threads=1)
    except Exception as error:  # onnxruntime's errors have no common class of their own
        raise _broken(path) from error


def _broken(path: Path) -> WakeError:
    return WakeError(
        "model-broken",
        f"The file '{path}' is not a wake word model that can be used. It must have been made with openWakeWord.",
    )
