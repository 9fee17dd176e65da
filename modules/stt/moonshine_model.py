"""A Moonshine model in ONNX Runtime's format: encode a whole utterance, decode it greedily."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import Samples
from modules.stt.base import TranscriptionError
from modules.stt.moonshine_tokens import END, START, Vocabulary
from modules.stt.threaded import check
from utils.onnx import open_session

ENCODER_FILE = "encoder_model.ort"
DECODER_FILE = "decoder_model_merged.ort"
VOCABULARY_FILE = "tokenizer.bin"

_CACHE_IN = "past_key_values."
_CACHE_OUT = "present."


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of one piece of audio."""

    tokens: tuple[int, ...]
    log_probability: float
    """Mean natural logarithm of the probabilities of the tokens, the end token included."""
    complete: bool
    """Whether the model ended by itself, before the limit of tokens."""


class MoonshineModel:
    """A loaded model. Not thread-safe.

    Args:
        folder: Holds the encoder, the decoder and the vocabulary.
        threads: Threads of one native call.

    Raises:
        TranscriptionError: A file is damaged, or is not from a Moonshine model.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._vocabulary = Vocabulary.read(folder / VOCABULARY_FILE)
        try:
            self._encoder = open_session(folder / ENCODER_FILE, threads=threads)
            self._decoder = open_session(folder / DECODER_FILE, threads=threads)
        except Exception as error:  # ONNX Runtime has no common base for what its C++ code throws
            raise TranscriptionError(
                "broken-model",
                f"The speech model in '{folder}' cannot be read: {error}. "
                "Fetch its files again, or choose another model.",
            ) from error
        caches = [value for value in self._decoder.get_inputs() if value.name.startswith(_CACHE_IN)]
        # Shape (batch, heads, positions, size of a head); the first call has no positions yet.
        self._empty = {value.name: np.zeros((1, value.shape[1], 0, value.shape[3]), np.float32) for value in caches}
        self._outputs = [output.name.replace(_CACHE_OUT, _CACHE_IN) for output in self._decoder.get_outputs()]

    def hear(self, samples: Samples, limit: int, stop: threading.Event) -> Heard:
        """The most likely words, with at most `limit` tokens.

        Raises:
            Stopped: `stop` was set.
        """
        heard = np.ascontiguousarray(samples, dtype=np.float32)[None]
        mask = np.ones(heard.shape, dtype=np.int64)
        (states,) = self._encoder.run(None, {"input_values": heard, "attention_mask": mask})
        inputs: dict[str, Any] = {
            "encoder_attention_mask": mask,
            "encoder_hidden_states": states,
            "use_cache_branch": np.array([False]),
            **self._empty,
        }
        tokens: list[int] = []
        total, token = 0.0, START
        while len(tokens) < limit:
            check(stop)
            token, probability = self._step(token, inputs)
            total += probability
            if token == END:
                break
            tokens.append(token)
        return Heard(tuple(tokens), total / (len(tokens) + 1), token == END)

    def text(self, tokens: tuple[int, ...] | list[int]) -> str:
        """The words that tokens stand for, stripped."""
        return self._vocabulary.text(tokens)

    def _step(self, token: int, inputs: dict[str, Any]) -> tuple[int, float]:
        """The next token and its log probability; puts the caches for the step after it into `inputs`."""
        first = not inputs["use_cache_branch"][0]
        logits, *caches = self._decoder.run(None, {**inputs, "input_ids": np.array([[token]], dtype=np.int64)})
        for name, cache in zip(self._outputs[1:], caches, strict=True):
            # What was computed from the audio comes out of the first step only.
            if first or ".encoder." not in name:
                inputs[name] = cache
        inputs["use_cache_branch"] = np.array([True])
        return _best(logits[0, -1])


def _best(logits: NDArray[np.float32]) -> tuple[int, float]:
    best = int(logits.argmax())
    return best, -float(np.log(np.exp(logits - logits[best]).sum()))
