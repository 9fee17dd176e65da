"""Silero's detector of speech, an ONNX model of 1.2 MB that comes with the package faster-whisper."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.engine import LoadProgress, ProgressCallback
from modules.vad.base import SpeechSpan, VadError, VadStream
from modules.vad.spans import find_spans
from utils.aio import Worker
from utils.onnx import open_session

_WINDOW = 512
"""Samples for one probability: 32 ms at 16 kHz."""

_CONTEXT = 64
"""Samples before each window that the model sees as well."""

_STATE_SHAPE = (1, 1, 128)
"""Of each half of the recurrent state."""

_BATCH = 512
"""Windows per run of the model: bounds the memory for long recordings."""

_MODEL_FILE = "silero_vad_v6.onnx"


class SileroVad:
    """A `VoiceActivityDetector`; a window takes about 0.1 ms of one thread, ten minutes 1.2 s.

    Args:
        threshold: Probability, 0 to 1, at which speech begins.
        model: The model file; the one in faster-whisper when it is not given.
    """

    def __init__(self, threshold: float = 0.5, model: str | Path | None = None) -> None:
        self._threshold = threshold
        self._model = Path(model) if model is not None else None
        self._session: Any = None

    @property
    def name(self) -> str:
        """Name of the engine."""
        return "silero"

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Read the model; a second call returns at once.

        Raises:
            VadError: `model-missing` or `model-broken`.
        """
        if self._session is not None:
            return
        if progress is not None:
            progress(LoadProgress(self.name, "Loading the voice detector"))
        worker = Worker("vad-load")
        try:
            self._session = await worker.run(_load_session, self._model or _packaged_model())
        finally:
            worker.close()

    async def warm_up(self) -> float:
        """Run one window until first-use costs are paid; return the seconds of a run after that.

        Raises:
            VadError: `not-loaded`.
        """
        stream = self.open()
        window = AudioChunk(np.zeros(_WINDOW, np.float32), SPEECH_RATE)
        for _ in range(3):
            stream.feed(window)
        begun = time.perf_counter()
        stream.feed(window)
        return time.perf_counter() - begun

    async def close(self) -> None:
        """Free the model; streams that are still open keep it."""
        self._session = None

    def open(self) -> VadStream:
        """A new stream.

        Raises:
            VadError: `not-loaded`.
        """
        if self._session is None:
            raise VadError("not-loaded", "The voice detector is not loaded yet. Wait a moment and try again.")
        return _SileroStream(self._session)

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        """The stretches of speech in a whole recording (16 kHz), in order; an empty list when nobody speaks.

        Raises:
            VadError: `not-loaded` or `wrong-rate`.
        """
        tail = np.zeros(-audio.frames % _WINDOW, np.float32)
        stream = self.open()
        probabilities = stream.feed(audio) + stream.feed(AudioChunk(tail, audio.sample_rate))
        return find_spans(probabilities, audio.seconds, self._threshold)


class _SileroStream:
    """One stream: the model's recurrent state, and the samples that do not fill a window yet."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._hidden: NDArray[np.float32] = np.zeros(_STATE_SHAPE, np.float32)
        self._cell: NDArray[np.float32] = np.zeros(_STATE_SHAPE, np.float32)
        self._pending: Samples = np.zeros(_CONTEXT, np.float32)

    def feed(self, chunk: AudioChunk) -> list[float]:
        """Probability of speech, 0 to 1, for each 32 ms window that `chunk` completes.

        Raises:
            VadError: `wrong-rate`: the chunk is not at 16 kHz.
        """
        if chunk.sample_rate != SPEECH_RATE:
            raise VadError("wrong-rate", f"The voice detector needs sound at 16000 Hz, not {chunk.sample_rate} Hz.")
        samples = np.concatenate((self._pending, chunk.samples))
        count = (samples.shape[0] - _CONTEXT) // _WINDOW
        self._pending = samples[count * _WINDOW :].copy()
        if not count:
            return []
        windows = np.lib.stride_tricks.sliding_window_view(samples, _CONTEXT + _WINDOW)[::_WINDOW]
        probabilities: list[float] = []
        for start in range(0, count, _BATCH):
            probabilities += self._run(windows[start : start + _BATCH])
        return probabilities

    def _run(self, windows: NDArray[np.float32]) -> list[float]:
        inputs = {"input": np.ascontiguousarray(windows), "h": self._hidden, "c": self._cell}
        found, self._hidden, self._cell = self._session.run(["speech_probs", "hn", "cn"], inputs)
        return [float(probability) for probability in found.reshape(-1)]


def _packaged_model() -> Path:
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise VadError(
            "model-missing",
            "The voice detector's model is missing. Install the package it comes with: pip install faster-whisper",
        )
    return Path(spec.origin).parent / "assets" / _MODEL_FILE


def _load_session(model: Path) -> Any:
    if not model.is_file():
        raise VadError(
            "model-missing",
            f"The voice detector's model '{model}' is missing. "
            "Install it again with: pip install --force-reinstall faster-whisper",
        )
    try:
        session = open_session(model, threads=1)
        known = {"input", "h", "c"} == {node.name for node in session.get_inputs()}
    except Exception as error:  # onnxruntime's errors have no common class of their own
        raise _broken(model) from error
    if not known:
        raise _broken(model)
    return session


def _broken(model: Path) -> VadError:
    return VadError(
        "model-broken",
        f"The file '{model}' is not a voice detector that can be used. "
        "Install it again with: pip install --force-reinstall faster-whisper",
    )
