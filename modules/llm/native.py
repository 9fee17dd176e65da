"""A GGUF model inside llama.cpp, through the C functions that llama-cpp-python exposes.

The C functions are used, not the package's `Llama` class, for three reasons: while that class loads a model it points
the standard output of the whole process at nothing, so that words of other threads are lost; it reports no progress;
and it reads a prompt in one piece, so that a reply cannot be cancelled before its first token.
"""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from modules.llm.base import GenerationOptions, LanguageModelError
from modules.llm.gguf import damaged
from utils.optional import require

BATCH_TOKENS = 64
"""Prompts are read in batches of this size: small enough to cancel in between, with small compute buffers, and just
large enough for llama.cpp's faster kind of flash attention (at 1,900 tokens 163 against 101 tokens/s with 32)."""

_SMALL_MODEL_BYTES = 256 << 20
"""Weights of a model that one thread generates with: a token then takes so little time that two threads lose more by
waiting for each other than they gain (SmolLM2-135M: 107 against 160 tokens/s). Prompts still use all threads."""

_REPEAT_PENALTY = 1.1
_PENALISED_TOKENS = 64
"""A small model falls into loops without a penalty on what it has just said. Of 60 answers of SmolLM2-135M in talks
of 30 questions, 5 to 29 looped without it, depending on the system prompt, and at most one with it, with as many right
answers."""
_TOP_K, _TOP_P, _MIN_P = 40, 0.95, 0.05
"""The defaults of llama.cpp's own programs."""
_SEED_MASK = 0xFFFFFFFF


class NativeModel:
    """Weights, vocabulary and context of one model.

    Not thread-safe, except for what only looks at the vocabulary: `tokenize`, `piece` and `ends_reply`.

    Args:
        path: A GGUF file that `check_gguf` has let through.
        threads: Threads for reading prompts and for generating.
        context_tokens: Size of the memory; less if the model was trained for less.
        progress: Called with the part of the weights that has been read, 0 to 1.

    Raises:
        MissingDependencyError: llama-cpp-python is not installed.
        LanguageModelError: The model is damaged, of an unsupported kind, or too large for this machine.
    """

    batch_tokens = BATCH_TOKENS

    def __init__(
        self, path: Path, *, threads: int, context_tokens: int, progress: Callable[[float], None] | None = None
    ) -> None:
        self._model: Any = None
        self._context: Any = None
        self._api: Any = _library()
        self._model = self._read_weights(path, progress)
        try:
            self._vocabulary: Any = self._api.llama_model_get_vocab(self._model)
            self.template = self._chat_template(path)
            trained = self._api.llama_model_n_ctx_train(self._model)
            self.context_tokens: int = min(context_tokens, trained) if trained > 0 else context_tokens
            self._context = self._make_context(path, threads)
            self._memory: Any = self._api.llama_get_memory(self._context)
        except LanguageModelError:
            self.close()
            raise
        self._begin: int = self._api.llama_vocab_bos(self._vocabulary)

    def _read_weights(self, path: Path, progress: Callable[[float], None] | None) -> Any:
        def report(fraction: float, _user_data: object) -> bool:
            if progress is not None:
                progress(fraction)
            return True

        parameters = self._api.llama_model_default_params()
        callback = self._api.llama_progress_callback(report)
        parameters.progress_callback = callback
        model = self._api.llama_model_load_from_file(os.fsencode(path), parameters)
        if not model:
            raise damaged(path)
        return model

    def _chat_template(self, path: Path) -> str:
        template = self._api.llama_model_chat_template(self._model, None)
        if not template or self._api.llama_model_has_encoder(self._model):
            raise LanguageModelError(
                "not-a-chat-model",
                f"The model {path.name} cannot hold a conversation: it has no chat template. "
                "Choose an instruct or chat model.",
            )
        return bytes(template).decode("utf-8", "replace")

    def _make_context(self, path: Path, threads: int) -> Any:
        api = self._api
        parameters = api.llama_context_default_params()
        parameters.n_ctx = self.context_tokens
        parameters.n_batch = parameters.n_ubatch = BATCH_TOKENS
        parameters.n_seq_max = 1
        parameters.n_threads = 1 if api.llama_model_size(self._model) < _SMALL_MODEL_BYTES else threads
        parameters.n_threads_batch = threads
        parameters.flash_attn_type = api.LLAMA_FLASH_ATTN_TYPE_ENABLED
        context = api.llama_init_from_model(self._model, parameters)
        if not context:
            raise LanguageModelError(
                "no-context",
                f"There is not enough memory for the model {path.name} with a context of {self.context_tokens} tokens. "
                "Set a smaller context or choose a smaller model.",
            )
        return context

    def close(self) -> None:
        """Free everything; a second call does nothing."""
        if self._context:
            self._api.llama_free(self._context)
        if self._model:
            self._api.llama_model_free(self._model)
        self._context = self._model = None

    def __del__(self) -> None:
        # A model whose loading nobody waits for any more is dropped without being closed.
        self.close()

    # --- vocabulary -------------------------------------------------------------------------------------------------

    def tokenize(self, text: str) -> list[int]:
        """Tokens of a rendered prompt, control tokens included."""
        data = text.encode("utf-8", "replace")
        size = len(data) + 1
        buffer = (self._api.llama_token * size)()
        count = self._api.llama_tokenize(self._vocabulary, data, len(data), buffer, size, False, True)
        tokens: list[int] = buffer[:count]
        # Templates differ in whether they write the begin token that some models need.
        if self._api.llama_vocab_get_add_bos(self._vocabulary) and tokens[:1] != [self._begin]:
            tokens.insert(0, self._begin)
        return tokens

    def piece(self, token: int) -> bytes:
        """The bytes of a token; none for a control token."""
        size = 64
        while True:
            buffer = (ctypes.c_char * size)()
            count = self._api.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, False)
            if count >= 0:
                return bytes(buffer.raw[:count])
            size = -count

    def ends_reply(self, token: int) -> bool:
        """Whether the token ends the assistant's message; a begin token there would open somebody else's."""
        return token == self._begin or bool(self._api.llama_vocab_is_eog(self._vocabulary, token))

    def begin_text(self) -> str:
        """Text of the begin-of-sequence token; empty if there is none."""
        return self._text(self._begin)

    def end_text(self) -> str:
        """Text of the end-of-sequence token; empty if there is none."""
        return self._text(self._api.llama_vocab_eos(self._vocabulary))

    def control_texts(self) -> list[str]:
        """Texts of all control tokens."""
        control = self._api.llama_vocab_is_control
        tokens = range(self._api.llama_vocab_n_tokens(self._vocabulary))
        return [self._text(token) for token in tokens if control(self._vocabulary, token)]

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        return bytes(self._api.llama_vocab_get_text(self._vocabulary, token)).decode("utf-8", "replace")

    # --- context ----------------------------------------------------------------------------------------------------

    def evaluate(self, tokens: Sequence[int]) -> None:
        """Read at most `batch_tokens` tokens after those in memory.

        Raises:
            LanguageModelError: The memory is full, or llama.cpp failed.
        """
        buffer = (self._api.llama_token * len(tokens))(*tokens)
        status = self._api.llama_decode(self._context, self._api.llama_batch_get_one(buffer, len(tokens)))
        if status != 0:
            raise LanguageModelError(
                "generation-failed", f"The language model stopped with error {status}. Ask again.", retryable=True
            )

    def keep(self, count: int) -> bool:
        """Forget all but the first `count` tokens; False if this kind of model can only forget everything."""
        return bool(self._api.llama_memory_seq_rm(self._memory, 0, count, -1))

    def cut(self, start: int, end: int) -> bool:
        """Forget the tokens from `start` up to `end` and move up those after them; False if that cannot be done."""
        if not self._api.llama_memory_can_shift(self._memory):
            return False
        if not self._api.llama_memory_seq_rm(self._memory, 0, start, end):
            return False
        self._api.llama_memory_seq_add(self._memory, 0, end, -1, start - end)
        return True

    @contextmanager
    def sampler(self, options: GenerationOptions) -> Iterator[Callable[[], int]]:
        """A function that draws the next token after what was evaluated last."""
        api = self._api
        chain = api.llama_sampler_chain_init(api.llama_sampler_chain_default_params())
        try:
            for part in self._sampling(options):
                api.llama_sampler_chain_add(chain, part)
            yield lambda: int(api.llama_sampler_sample(chain, self._context, -1))
        finally:
            api.llama_sampler_free(chain)

    def _sampling(self, options: GenerationOptions) -> Iterator[Any]:
        api = self._api
        words = api.llama_vocab_n_tokens(self._vocabulary)
        yield api.llama_sampler_init_penalties(words, _PENALISED_TOKENS, _REPEAT_PENALTY, 0.0, 0.0)
        if options.temperature <= 0:
            yield api.llama_sampler_init_greedy()
            return
        yield api.llama_sampler_init_top_k(_TOP_K)
        yield api.llama_sampler_init_top_p(_TOP_P, 1)
        yield api.llama_sampler_init_min_p(_MIN_P, 1)
        yield api.llama_sampler_init_temp(options.temperature)
        seed = api.LLAMA_DEFAULT_SEED if options.seed is None else options.seed & _SEED_MASK
        yield api.llama_sampler_init_dist(seed)


def _library() -> ModuleType:
    """llama_cpp, silent, with threads that sleep while they wait.

    By default GNU OpenMP's threads wait for each other in a busy loop. As soon as other work wants the same cores
    (transcription, speech synthesis), two such threads are 5 to 20 times slower than one, and a first token was seen
    to take 6 s. Threads that sleep take 58 instead of 47 ms to a first token on two idle cores. The variable is read
    when the library is loaded, and only GNU OpenMP knows it.
    """
    name = "GOMP_SPINCOUNT"
    unset = name not in os.environ
    if unset:
        os.environ[name] = "0"
    try:
        # The package prints what llama.cpp logs, unless its logger's level is above all levels there are.
        logging.getLogger("llama-cpp-python").setLevel(logging.CRITICAL + 1)
        library = require("llama_cpp", extra="llama", purpose="A language model on this machine")
    finally:
        if unset:
            del os.environ[name]
    library.llama_backend_init()
    return library
