"""Smart Turn v3.2: an ONNX model of 8.7 MB that hears from the tune of the voice whether somebody has finished."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.mel import HOP, LogMel
from modules.endpointing.base import EndpointError
from modules.engine import LoadProgress, ProgressCallback
from modules.models import embedded
from utils.aio import Worker
from utils.onnx import open_session

_SECONDS = 8
_SAMPLES = _SECONDS * SPEECH_RATE
_FRAMES = _SAMPLES // HOP
_BANDS = 80
_EDGE = 200
"""Samples by which the last frames reach past the end; there the sound is mirrored."""
_VARIANCE_FLOOR = np.float32(1e-7)
_INPUT = "input_features"


class SmartTurn:
    """An `EndpointModel` for 23 languages.

    Args:
        model: The model file; the one in the package pipecat-ai when it is not given.
        threads: Threads of one native call.
    """

    def __init__(self, model: str | Path | None = None, *, threads: int = 1) -> None:
        self._path = Path(model) if model is not None else None
        self._threads = threads
        self._mel = LogMel(_BANDS)
        self._session: Any = None
        self._worker: Worker | None = None

    @property
    def name(self) -> str:
        """Name of the engine."""
        return "smart-turn"

    @property
    def seconds(self) -> float:
        """How much of the end of an utterance it listens to."""
        return float(_SECONDS)

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Find, check and read the model; a second call returns at once.

        Raises:
            ModelError: The model is not installed, or its file is damaged.
            EndpointError: `model-missing` or `model-broken`: the file that was given.
        """
        if self._worker is not None:
            return
        if progress is not None:
            progress(LoadProgress(self.name, "Loading the model of the end of a turn"))
        worker = Worker("endpointing")
        try:
            self._session = await worker.run(_load_session, self._path, self._threads)
            self._worker = worker
        finally:
            if self._worker is not worker:
                worker.close()

    async def warm_up(self) -> float:
        """Judge some hiss until first-use costs are paid; return the seconds of a run after that.

        Raises:
            EndpointError: `not-loaded` or `failed`.
        """
        hiss = np.random.default_rng(0).normal(0.0, 0.1, SPEECH_RATE).astype(np.float32)
        await self.completeness(AudioChunk(hiss, SPEECH_RATE))
        begun = time.perf_counter()
        await self.completeness(AudioChunk(hiss, SPEECH_RATE))
        return time.perf_counter() - begun

    async def close(self) -> None:
        """Free the model and its thread."""
        if self._worker is not None:
            self._worker.close()
        self._worker = self._session = None

    async def completeness(self, audio: AudioChunk) -> float:
        """Probability, 0 to 1, that the utterance (16 kHz mono, with the silence that follows it) is complete.

        Raises:
            EndpointError: `not-loaded`, `wrong-rate` or `failed`.
        """
        if self._worker is None:
            raise EndpointError(
                "not-loaded", "The model of the end of a turn is not loaded yet. Try again in a moment."
            )
        if audio.sample_rate != SPEECH_RATE:
            raise EndpointError(
                "wrong-rate", f"The model of the end of a turn needs sound at 16000 Hz, not {audio.sample_rate} Hz."
            )
        return await self._worker.run(self._judge, self._session, audio.samples)

    def _judge(self, session: Any, samples: Samples) -> float:
        features = self.features(samples)
        try:
            (scores,) = session.run(None, {_INPUT: features})
        except Exception as error:  # ONNX Runtime has no common base for what its C++ code throws
            raise EndpointError("failed", f"The model of the end of a turn failed: {error}.") from error
        return float(scores[0].item())

    def features(self, samples: Samples) -> NDArray[np.float32]:
        """What the model is given: the log-mel spectrogram of the last 8 s, silence before what is shorter.

        As it was trained: the sound with the silence is brought to mean 0 and variance 1 first.

        Returns:
            Float32, shape (1, 80, 800).
        """
        heard = np.zeros(_SAMPLES, np.float32)
        tail = samples[-_SAMPLES:]
        heard[_SAMPLES - len(tail) :] = tail
        level = (heard - heard.mean()) / np.sqrt(heard.var() + _VARIANCE_FLOOR)
        return self._mel(np.concatenate((level, level[-2 : -2 - _EDGE : -1])), _FRAMES)


def _load_session(model: Path | None, threads: int) -> Any:
    path = model or embedded.smart_turn()
    if not path.is_file():
        raise EndpointError(
            "model-missing",
            f"There is no model of the end of a turn at '{path}'. Correct the path, or leave it out and install the "
            f"model with: {embedded.SMART_TURN_COMMAND}",
        )
    try:
        session = open_session(path, threads=threads)
        known = [(node.name, node.shape[1:]) for node in session.get_inputs()] == [(_INPUT, [_BANDS, _FRAMES])]
    except Exception as error:  # ONNX Runtime has no common base for what its C++ code throws
        raise _broken(path) from error
    if not known:
        raise _broken(path)
    return session


def _broken(path: Path) -> EndpointError:
    return EndpointError(
        "model-broken",
        f"The file '{path}' is not a model of the end of a turn that can be used. Choose another one, or leave the "
        f"path out and install the model with: {embedded.SMART_TURN_COMMAND} --force-reinstall",
    )
