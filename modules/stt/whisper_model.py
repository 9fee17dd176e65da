"""A Whisper model in CTranslate2's format: encode, detect the language, decode."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.audio.base import SPEECH_RATE, Samples
from modules.audio.mel import HOP, LogMel
from modules.stt.base import TranscriptionError

_LANGUAGE_TOKEN = re.compile(r"<\|([a-z]{2,3})\|>")
_CONTEXT = 448
"""Positions of the decoder."""
MOST_TOKENS = _CONTEXT // 2
"""Tokens that one window can give at most; CTranslate2 keeps the other half for the prompt."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The words of one window."""

    tokens: tuple[int, ...]
    """The text tokens, without time stamps."""
    log_probability: float
    """Mean natural logarithm of the probabilities of all tokens."""
    no_speech: float
    """Probability that nobody speaks in the window."""
    complete: bool
    """Whether the model ended by itself, before the limit of tokens."""


class WhisperModel:
    """A loaded model. Not thread-safe.

    Args:
        folder: Holds config.json, model.bin, tokenizer.json and vocabulary.*.
        threads: Threads of one native call.
        beam_size: Hypotheses that are followed at once; 1 is greedy.
        prompt: Words that are likely to be said, for example names of programs; "" for none.

    Raises:
        TranscriptionError: A file is damaged, or is not from a Whisper model.
    """

    def __init__(self, folder: Path, *, threads: int, beam_size: int, prompt: str) -> None:
        import ctranslate2
        import tokenizers

        try:
            self._model = ctranslate2.models.Whisper(
                str(folder), device="cpu", compute_type="int8", intra_threads=threads
            )
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises Exception itself, CTranslate2 whatever its C++ code throws
            raise TranscriptionError(
                "broken-model",
                f"The speech model in '{folder}' cannot be read: {error}. "
                "Fetch its files again, or choose another model.",
            ) from error
        self._view = ctranslate2.StorageView.from_array
        self._mel = LogMel(self._model.n_mels)
        self._beam_size = beam_size
        self._end = self._id("<|endoftext|>")
        self._prompt = self._prompt_tokens(prompt)
        added = (token.content for token in self._tokenizer.get_added_tokens_decoder().values())
        names = frozenset(match[1] for token in added if (match := _LANGUAGE_TOKEN.fullmatch(token)))
        self.languages = names if self._model.is_multilingual else frozenset({"en"})

    def encode(self, samples: Samples, seconds: float) -> Any:
        """What the encoder makes of `samples` (16 kHz) followed by silence up to `seconds` (at most 30)."""
        features = self._mel(samples, round(seconds * SPEECH_RATE) // HOP)
        return self._model.encode(self._view(features))

    def detect(self, encoded: Any) -> tuple[str, float]:
        """The most likely language, as its ISO 639-1 code, and its probability."""
        if not self._model.is_multilingual:
            return "en", 1.0
        token, probability = self._model.detect_language(encoded)[0][0]
        return str(token)[2:-2], float(probability)

    def decode(self, encoded: Any, language: str, limit: int) -> Decoded:
        """The words, with at most `limit` tokens, time stamps included (`MOST_TOKENS` at most).

        Time stamps are always decoded, though nobody reads them: without them, windows shorter than the 30 s that
        the model was trained with make it repeat itself.
        """
        start = [self._id("<|startoftranscript|>")]
        if self._model.is_multilingual:
            start += [self._id(f"<|{language}|>"), self._id("<|transcribe|>")]
        prompt = self._prompt + start
        # CTranslate2 decodes min(max_length / 2, max_length - prompt) tokens, not max_length.
        longest = min(_CONTEXT, max(2 * limit, limit + len(prompt)))
        result = self._model.generate(
            encoded,
            [prompt],
            beam_size=self._beam_size,
            max_length=longest,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = result.sequences_ids[0]
        return Decoded(
            tokens=tuple(token for token in tokens if token < self._end),
            # The score is the mean without the end token.
            log_probability=result.scores[0] * len(tokens) / (len(tokens) + 1),
            no_speech=result.no_speech_prob,
            complete=len(tokens) < min(longest // 2, longest - len(prompt)),
        )

    def text(self, tokens: tuple[int, ...] | list[int]) -> str:
        """The words that text tokens stand for, stripped."""
        return str(self._tokenizer.decode(list(tokens))).strip()

    def close(self) -> None:
        """Free the weights."""
        self._model.unload_model()

    def _id(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise TranscriptionError("broken-model", f"The speech model's tokenizer lacks the token {token}.")
        return int(number)

    def _prompt_tokens(self, prompt: str) -> list[int]:
        if not prompt.strip():
            return []
        tokens = self._tokenizer.encode(" " + prompt.strip(), add_special_tokens=False).ids
        # Half of the context is for the prompt, the start tokens included.
        return [self._id("<|startofprev|>"), *tokens[-(MOST_TOKENS - 4) :]]
