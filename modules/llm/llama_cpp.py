"""Language models on this machine: any GGUF chat model, run by llama.cpp."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from modules.engine import LoadProgress, ProgressCallback
from modules.llm.base import GenerationOptions, LanguageModelCapabilities, LanguageModelError, Message
from modules.llm.chat_template import ChatTemplate
from modules.llm.decoder import Decoder
from modules.llm.gguf import check_gguf
from modules.llm.native import NativeModel
from utils.aio import Worker

EMBEDDED = "embedded"
"""Name of the model that is installed with Arvis."""

_WARM_UP = (Message("user", "Hello."), Message("user", "Good morning."))
"""Two prompts with the same beginning, as two turns have."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What exists between `load` and `close`."""

    model: NativeModel
    template: ChatTemplate
    decoder: Decoder
    worker: Worker

    def tokens(self, messages: Sequence[Message], *, reply_follows: bool = True) -> list[int]:
        return self.model.tokenize(self.template.render(messages, reply_follows=reply_follows))


class LlamaCpp:
    """A GGUF model in this process.

    Args:
        model: "embedded" for the model that is installed with Arvis, or the path of a GGUF file.
        threads: Threads that generate, 1 or more. More than there are idle cores makes it slower.
        context_tokens: Prompt and reply together; less if the model was trained for less.
    """

    name = "llama-cpp"

    def __init__(self, model: str | Path = EMBEDDED, *, threads: int = 2, context_tokens: int = 2048) -> None:
        self._source = model
        self._threads = threads
        self._context_tokens = context_tokens
        self._loading = asyncio.Lock()
        self._loaded: _Loaded | None = None

    @property
    def capabilities(self) -> LanguageModelCapabilities:
        """Local, with exact counts; `context_tokens` may be lower after `load`."""
        context = self._loaded.model.context_tokens if self._loaded else self._context_tokens
        return LanguageModelCapabilities(
            context_tokens=context, local=True, counts_tokens_exactly=True, continues_replies=True
        )

    @property
    def evaluated_tokens(self) -> int:
        """Tokens that the model has read since `load`: of prompts, without what it still knew, and of replies."""
        return self._require().decoder.evaluated_tokens

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Read the weights in a thread of its own; a second call returns at once.

        Raises:
            MissingDependencyError: llama-cpp-python is not installed.
            ModelError: The embedded model is not installed.
            LanguageModelError: The file is missing, damaged, not a chat model, or too large.
        """
        async with self._loading:
            if self._loaded is not None:
                return
            worker = Worker(self.name)
            try:
                self._loaded = await worker.run(self._open, worker, progress)
            finally:
                if self._loaded is None:
                    worker.close()

    def _open(self, worker: Worker, progress: ProgressCallback | None) -> _Loaded:
        path = _locate(self._source)
        check_gguf(path)

        def report(fraction: float) -> None:
            if progress is not None:
                progress(LoadProgress(self.name, f"Reading {path.name}", fraction))

        report(0.0)
        model = NativeModel(path, threads=self._threads, context_tokens=self._context_tokens, progress=report)
        try:
            template = ChatTemplate(
                model.template, begin=model.begin_text(), end=model.end_text(), reserved=model.control_texts()
            )
        except LanguageModelError:
            model.close()
            raise
        return _Loaded(model, template, Decoder(model), worker)

    async def warm_up(self) -> float:
        """Answer two tiny prompts that begin alike; return the seconds to the first token of the second."""
        seconds = 0.0
        for message in _WARM_UP:
            started = time.perf_counter()
            async with aclosing(self.stream([message], GenerationOptions(max_tokens=1))) as pieces:
                async for _ in pieces:
                    break
            seconds = time.perf_counter() - started
        return seconds

    async def prefill(self, messages: Sequence[Message]) -> int:
        """Read the beginning of a prompt ahead of time, so that the answer to it begins sooner.

        Args:
            messages: What the next prompt will begin with: the system prompt, the turns so far, or even what the
                user has said up to now. Anything beyond the context is left out.

        Returns:
            The number of tokens that had to be evaluated. Cancelling ends it after the batch under way.
        """
        loaded = self._require()
        prompt = loaded.tokens(messages, reply_follows=False)[: loaded.model.context_tokens - 1]
        if not prompt:
            return 0
        async with aclosing(loaded.worker.stream(lambda _cancelled: loaded.decoder.read(prompt))) as batches:
            return sum([size async for size in batches])

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Exact length in tokens of the prompt that these messages make.

        Raises:
            LanguageModelError: The model is not loaded, or its template cannot express the messages.
        """
        return len(self._require().tokens(messages))

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the reply piece by piece; closing the generator stops the model within one token.

        An assistant message at the end is the beginning of the reply: the model goes on after its last character.

        Raises:
            LanguageModelError: The model is not loaded, the prompt does not fit in its context, or it failed.
        """
        loaded = self._require()
        options = options or GenerationOptions()
        prompt = loaded.tokens(messages)
        room = loaded.model.context_tokens - len(prompt)
        if room < 1:
            raise LanguageModelError(
                "too-long",
                f"The conversation is too long for the language model: it has {len(prompt)} tokens, and prompt and "
                f"answer must fit in {loaded.model.context_tokens}.",
            )
        produce = partial(loaded.decoder.reply, prompt, options, min(options.max_tokens, room))
        async with aclosing(loaded.worker.stream(produce)) as pieces:
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """Free the memory once the reply under way has ended; the engine may be loaded again."""
        async with self._loading:
            loaded, self._loaded = self._loaded, None
            if loaded is not None:
                await loaded.worker.run(loaded.model.close)
                loaded.worker.close()

    def _require(self) -> _Loaded:
        if self._loaded is None:
            raise LanguageModelError(
                "not-loaded", "The language model is not loaded yet. Try again in a moment.", retryable=True
            )
        return self._loaded


def _locate(source: str | Path) -> Path:
    """The file of a model: the embedded one, one that the model manager has installed, or any other by its path.

    Raises:
        ModelError: It is in the catalogue, but not installed.
    """
    if source != EMBEDDED:
        from modules.models.lookup import resolve

        return Path(resolve(str(source))).expanduser()
    from modules.models.embedded import smollm2

    return smollm2()
