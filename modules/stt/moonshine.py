"""Moonshine run directly with ONNX Runtime: English only, small, and several times as fast as Whisper."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Protocol

import numpy as np

from modules.audio.base import SPEECH_RATE, Samples
from modules.models import embedded, hub
from modules.models.base import Report, locate, require_files
from modules.stt.base import TranscriberCapabilities
from modules.stt.cuts import is_silent, onset, pieces
from modules.stt.guards import collapse
from modules.stt.moonshine_model import DECODER_FILE, ENCODER_FILE, VOCABULARY_FILE, Heard, MoonshineModel
from modules.stt.threaded import NOTHING, Recogniser, Recognition, ThreadedTranscriber, combine

_FILES = (ENCODER_FILE, DECODER_FILE, VOCABULARY_FILE)
_LANGUAGES = frozenset({"en"})

_PIECE = 15.0
"""Longest stretch of audio in seconds for one pass; the work grows with its square."""
_PEAK = 0.5
"""Loudness, as the largest sample, at which it makes the fewest errors."""
_MARGIN = 0.2
"""Seconds of silence on both sides."""
_PRE_ROLL = 0.4
"""Seconds that are kept before the first sound; after 1 s of silence it understands nothing."""
_TOKENS_PER_SECOND = 6.5
"""The limit that the model's authors give: above it, it is repeating itself."""
_SPARE_TOKENS = 8
_UNSURE = -1.0
"""Mean log probability below which a result is not believed."""


class Model(Protocol):
    """What is needed of `modules.stt.moonshine_model.MoonshineModel`."""

    def hear(self, samples: Samples, limit: int, stop: threading.Event) -> Heard:
        """The words of some audio."""
        ...

    def text(self, tokens: tuple[int, ...] | list[int]) -> str:
        """The words that tokens stand for."""
        ...


class MoonshineRecogniser:
    """Recognises audio of any length with a Moonshine model."""

    languages = _LANGUAGES

    def __init__(self, model: Model) -> None:
        self._model: Model | None = model

    def recognise(self, samples: Samples, language: str | None, stop: threading.Event) -> Recognition:
        """Recognise English audio of any length (16 kHz).

        Raises:
            Stopped: `stop` was set.
        """
        return combine([self._piece(piece, stop) for piece in pieces(samples, _PIECE)])

    def floor(self) -> float:
        """Run a second of almost nothing and return the seconds that it took."""
        hiss = np.random.default_rng(0).normal(0.0, 0.1, SPEECH_RATE).astype(np.float32)
        started = time.perf_counter()
        self._open().hear(hiss, _SPARE_TOKENS, threading.Event())
        return time.perf_counter() - started

    def close(self) -> None:
        """Free the model's memory."""
        self._model = None

    def _open(self) -> Model:
        assert self._model is not None, "the recogniser is closed"
        return self._model

    def _piece(self, samples: Samples, stop: threading.Event) -> Recognition:
        if is_silent(samples):
            return NOTHING
        model = self._open()
        seconds = len(samples) / SPEECH_RATE
        heard = model.hear(prepare(samples), _SPARE_TOKENS + int(seconds * _TOKENS_PER_SECOND), stop)
        if heard.log_probability < _UNSURE:
            return NOTHING
        text = model.text(heard.tokens if heard.complete else collapse(heard.tokens))
        return Recognition(text, "en", heard.log_probability, len(heard.tokens)) if text else NOTHING


def prepare(samples: Samples) -> Samples:
    """Audio as the model hears it best: little silence at the start, always equally loud, a margin on both sides."""
    begin = max(0, onset(samples) - int(_PRE_ROLL * SPEECH_RATE))
    margin = np.zeros(int(_MARGIN * SPEECH_RATE), dtype=np.float32)
    return np.concatenate((margin, samples[begin:] * np.float32(_PEAK / np.max(np.abs(samples))), margin))


class MoonshineTranscriber(ThreadedTranscriber):
    """Moonshine models as `encoder_model.ort`, `decoder_model_merged.ort` and `tokenizer.bin`.

    Args:
        model: "embedded" for the tiny English model that comes with Arvis, a model folder, or "owner/name" at the hub.
        threads: Threads of one native call.
        cache_dir: Where downloaded models are kept; None for the user's model cache.
        endpoint: Base URL of the hub; None for the usual one.
    """

    def __init__(
        self,
        model: str = "embedded",
        *,
        threads: int = 1,
        cache_dir: Path | None = None,
        endpoint: str | None = None,
    ) -> None:
        super().__init__("moonshine")
        self._model = model
        self._threads = threads
        self._cache_dir = cache_dir
        self._endpoint = endpoint

    @property
    def capabilities(self) -> TranscriberCapabilities:
        """English, and nothing to tell apart."""
        return TranscriberCapabilities(languages=_LANGUAGES, detects_language=False)

    def _open(self, report: Report) -> Recogniser:
        def fetch(name: str) -> Path:
            return hub.fetch(name, _FILES, cache_dir=self._cache_dir, endpoint=self._endpoint, report=report)

        folder = locate(self._model, embedded=embedded.moonshine_tiny, hub=fetch)
        require_files(folder, _FILES, kind="a Moonshine model")
        report("Loading the speech model", None)
        return MoonshineRecogniser(MoonshineModel(folder, threads=self._threads))
