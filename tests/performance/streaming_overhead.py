"""What it costs to watch a model's tokens and to cut them into clauses, beside the model's own time for them.

Run it as `python -m tests.performance.streaming_overhead`; it prints JSON. With `--model` the embedded language model
writes, and its own time is measured in the same run; without, the work for each token is set against engines of
several speeds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from modules.llm.base import GenerationOptions, Message
from modules.streaming.buffer import StreamBuffer
from modules.streaming.monitor import LLMPerformanceMonitor
from modules.streaming.optimizer import LLMStreamingOptimizer
from tests.unit.modules.streaming.simulator import REPLIES, tokens

ROUNDS = 20
ENGINES = (15, 60, 200)
"""Tokens per second of a slow, a usual and a fast engine."""
PROMPTS = (
    "Why does the moon change its shape?",
    "How do I cook rice?",
    "Tell me about Paris.",
    "What is bread made of?",
)


class Watched:
    """Takes tokens as a reply does, and adds up the seconds that this takes."""

    def __init__(self) -> None:
        self._optimizer = LLMStreamingOptimizer(LLMPerformanceMonitor())
        self.seconds = 0.0
        self.tokens = 0

    async def take(self, stream: AsyncGenerator[str, None]) -> None:
        """Take one reply; each clause counts as spoken at once."""
        pace = self._optimizer.begin("model")
        buffer = StreamBuffer(pace)
        with pace.generation as generation:
            async with aclosing(stream) as pieces:
                async for piece in pieces:
                    begun = time.perf_counter()
                    generation.token(piece)
                    for clause in buffer.feed(piece):
                        words = len(clause.text.split())
                        pace.spoken(0.02 * words, 0.35 * words)
                    self.seconds += time.perf_counter() - begun
                    self.tokens += 1


async def _written(text: str) -> AsyncGenerator[str, None]:
    for token in tokens(text):
        yield token


async def work_per_token() -> dict[str, float]:
    """Microseconds for each token, and the percentage that they are of the time of engines of several speeds."""
    watched = Watched()
    for _ in range(ROUNDS):
        for text in REPLIES:
            await watched.take(_written(text))
    each = watched.seconds / watched.tokens
    shares = {f"percent_at_{speed}_tokens_per_second": round(100 * each * speed, 3) for speed in ENGINES}
    return {"microseconds_per_token": round(1e6 * each, 2), **shares}


async def beside_the_model() -> dict[str, float]:
    """The same beside the embedded language model's own time, both measured in one run."""
    from modules.llm.llama_cpp import LlamaCpp

    model = LlamaCpp()
    await model.load()
    await model.warm_up()
    watched = Watched()
    begun = time.perf_counter()
    for prompt in PROMPTS:
        await watched.take(model.stream([Message("user", prompt)], GenerationOptions(max_tokens=100)))
    raw = time.perf_counter() - begun - watched.seconds
    await model.close()
    return {
        "tokens_per_second": round(watched.tokens / raw, 1),
        "microseconds_per_token": round(1e6 * watched.seconds / watched.tokens, 2),
        "percent_of_raw_engine": round(100 * watched.seconds / raw, 3),
    }


if __name__ == "__main__":
    measure = beside_the_model if "--model" in sys.argv else work_per_token
    sys.stdout.write(json.dumps(asyncio.run(measure()), indent=2) + "\n")
