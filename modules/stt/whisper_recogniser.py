"""Whisper on windows as short as the utterance allows, guarded against what short windows can do to it.

A window of 30 s costs four times the encoder work of one of 10 s. A shorter one makes the model loop or drop words
now and then, so each result is checked and, if it looks wrong, made again with more silence behind the speech.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

import numpy as np

from modules.audio.base import SPEECH_RATE, Samples
from modules.stt.cuts import is_silent, pieces
from modules.stt.guards import collapse, repeats
from modules.stt.threaded import NOTHING, Recognition, check, combine
from modules.stt.whisper_model import MOST_TOKENS, Decoded

SHORTEST = 10.0
LONGEST = 30.0
MARGIN = 1.0
"""Seconds of silence that a window has behind the speech at least; with 0.5 s words are dropped."""
SECOND_MARGIN = 8.0
PIECE = 28.0
"""Longest stretch of audio in seconds that goes into one window."""
_SPLITTABLE = 10.0
"""Seconds above which a piece is halved when no window gives a sound result."""

_TOKENS_PER_SECOND = 12
"""Above the fastest speech in languages that take many tokens for a word; a loop runs into it soon."""
_SPARE_TOKENS = 20
_UNSURE = -1.0
"""Mean log probability below which a result is not believed."""
_UNSURE_LANGUAGE = 0.5
"""Probability below which the language is looked for again in the full window, where it is found more reliably."""
_NO_SPEECH = 0.6
"""With an unsure result, the probability of silence above which there was none (the value of Whisper's authors)."""


class Model(Protocol):
    """What is needed of `modules.stt.whisper_model.WhisperModel`."""

    languages: frozenset[str]

    def encode(self, samples: Samples, seconds: float) -> Any:
        """What the encoder makes of a window."""
        ...

    def detect(self, encoded: Any) -> tuple[str, float]:
        """The language of a window and its probability."""
        ...

    def decode(self, encoded: Any, language: str, limit: int) -> Decoded:
        """The words of a window."""
        ...

    def text(self, tokens: tuple[int, ...] | list[int]) -> str:
        """The words that tokens stand for."""
        ...

    def close(self) -> None:
        """Free the weights."""
        ...


def windows(seconds: float) -> list[float]:
    """Lengths in seconds of the windows to try for a piece of audio, in this order, without doubles."""
    tries = [max(SHORTEST, seconds + MARGIN), max(SHORTEST, seconds + SECOND_MARGIN), LONGEST]
    return list(dict.fromkeys(min(window, LONGEST) for window in tries))


def token_limit(seconds: float, window: float) -> int:
    """Tokens that a piece of speech of that length may have; the full window gets all that there can be."""
    if window >= LONGEST:
        return MOST_TOKENS
    return min(MOST_TOKENS, _SPARE_TOKENS + int(seconds * _TOKENS_PER_SECOND))


class WhisperRecogniser:
    """Recognises audio of any length with a Whisper model."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages that the model understands."""
        return self._model.languages

    def recognise(self, samples: Samples, language: str | None, stop: threading.Event) -> Recognition:
        """Recognise audio of any length (16 kHz); a language that is not given is that of the first words.

        Raises:
            Stopped: `stop` was set.
        """
        found: list[Recognition] = []
        for piece in pieces(samples, PIECE):
            part = self._piece(piece, language, stop)
            language = language or part.language
            found.append(part)
        return combine(found)

    def floor(self) -> float:
        """Run the shortest window on almost nothing and return the seconds that it took."""
        hiss = np.random.default_rng(0).normal(0.0, 1e-3, SPEECH_RATE).astype(np.float32)
        started = time.perf_counter()
        encoded = self._model.encode(hiss, SHORTEST)
        language, _ = self._model.detect(encoded)
        self._model.decode(encoded, language, _SPARE_TOKENS // 2)
        return time.perf_counter() - started

    def close(self) -> None:
        """Free the model's memory."""
        self._model.close()

    def _piece(self, samples: Samples, language: str | None, stop: threading.Event) -> Recognition:
        if is_silent(samples):
            return NOTHING
        seconds = len(samples) / SPEECH_RATE
        tries: list[Decoded] = []
        for window in windows(seconds):
            check(stop)
            encoded = self._model.encode(samples, window)
            check(stop)
            spoken = language = language or self._language(samples, encoded)
            result = self._model.decode(encoded, spoken, token_limit(seconds, window))
            if result.no_speech > _NO_SPEECH and result.log_probability < _UNSURE:
                return NOTHING
            tries.append(result)
            if _sound(result):
                return self._recognition(result.tokens, spoken, result)
        if seconds > _SPLITTABLE and not any(result.complete for result in tries):
            return combine([self._piece(half, language, stop) for half in pieces(samples, seconds * 0.7)])
        best = max(tries, key=lambda result: (result.complete, result.log_probability))
        tokens = best.tokens if best.complete else tuple(collapse(best.tokens))
        return self._recognition(tokens, spoken, best)

    def _language(self, samples: Samples, encoded: Any) -> str:
        language, probability = self._model.detect(encoded)
        if probability < _UNSURE_LANGUAGE:
            language, _ = self._model.detect(self._model.encode(samples, LONGEST))
        return language

    def _recognition(self, tokens: tuple[int, ...], language: str, result: Decoded) -> Recognition:
        text = self._model.text(tokens)
        return Recognition(text, language, result.log_probability, len(tokens)) if text else NOTHING


def _sound(result: Decoded) -> bool:
    return result.complete and result.log_probability >= _UNSURE and not repeats(result.tokens)
