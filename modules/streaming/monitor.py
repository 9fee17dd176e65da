"""How fast language models write, measured while they do."""

from __future__ import annotations

import time
from array import array
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

import numpy as np

WINDOW = 50
"""Generations of each model that are remembered."""
_SURE_TOKENS = 8
"""Tokens from which a generation that is under way tells its speed."""

Outcome = Literal["complete", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class ModelPerformance:
    """Figures of one model over its last generations; None where there is nothing to measure yet."""

    model: str
    generations: int
    """Generations that ended, the cancelled and failed ones included."""
    cancelled: int
    failed: int
    tokens: int
    """Pieces of text, in all; an engine gives one for each token, a server may join some."""
    first_token_p50: float | None
    """Seconds from the request to the first token, median."""
    first_token_p95: float | None
    tokens_per_second: float | None
    """After the first token of each generation."""
    gap_mean: float | None
    """Seconds between tokens."""
    gap_p95: float | None
    gap_max: float | None


class Generation:
    """One run of a model, from the entry of the context to its exit; what ended it is told by the exception.

    Args:
        model: Name of the model.
        clock: Monotonic seconds.
        ended: Called at the exit.
    """

    def __init__(self, model: str, clock: Callable[[], float], ended: Callable[[Generation], None]) -> None:
        self.model = model
        self.outcome: Outcome = "complete"
        self.characters = 0
        """Characters after the first token."""
        self.first_token: float | None = None
        """Seconds until the first token."""
        self.gaps = array("f")
        """Seconds between one token and the next."""
        self._clock = clock
        self._ended = ended
        self._begun = self._first = self._last = 0.0

    def __enter__(self) -> Generation:
        self._begun = self._clock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self.outcome = "failed" if issubclass(kind, Exception) else "cancelled"
        self._ended(self)

    def token(self, text: str) -> None:
        """The model gave a piece of text."""
        now = self._clock()
        if self.first_token is None:
            self.first_token = now - self._begun
            self._first = now
        else:
            self.gaps.append(now - self._last)
            self.characters += len(text)
        self._last = now

    @property
    def tokens(self) -> int:
        """Pieces so far."""
        return 0 if self.first_token is None else len(self.gaps) + 1

    @property
    def seconds(self) -> float:
        """Seconds from the first token to the last."""
        return self._last - self._first

    @property
    def seconds_per_character(self) -> float | None:
        """Its own speed, once there are tokens enough to tell."""
        return self.seconds / self.characters if self.tokens >= _SURE_TOKENS and self.characters else None


class LLMPerformanceMonitor:
    """Remembers the last generations of each model and sums them up.

    Args:
        clock: Monotonic seconds.
        window: Generations remembered of each model.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, window: int = WINDOW) -> None:
        self._clock = clock
        self._ended: defaultdict[str, deque[Generation]] = defaultdict(lambda: deque(maxlen=window))

    def generation(self, model: str) -> Generation:
        """Watch a run of a model; to be entered when the request is made."""
        return Generation(model, self._clock, self._keep)

    def seconds_per_character(self, model: str) -> float | None:
        """Mean speed of a model over its last generations; None before there was any."""
        known = self._ended.get(model, ())
        characters = sum(generation.characters for generation in known)
        return sum(generation.seconds for generation in known) / characters if characters else None

    def snapshot(self, model: str) -> ModelPerformance:
        """The figures of a model now; zeros and None for one that was never watched."""
        known = self._ended.get(model, ())
        firsts = [generation.first_token for generation in known if generation.first_token is not None]
        gaps = np.concatenate([np.zeros(0, np.float32), *(np.array(generation.gaps) for generation in known)])
        seconds = sum(generation.seconds for generation in known)
        return ModelPerformance(
            model=model,
            generations=len(known),
            cancelled=sum(generation.outcome == "cancelled" for generation in known),
            failed=sum(generation.outcome == "failed" for generation in known),
            tokens=sum(generation.tokens for generation in known),
            first_token_p50=float(np.percentile(firsts, 50)) if firsts else None,
            first_token_p95=float(np.percentile(firsts, 95)) if firsts else None,
            tokens_per_second=gaps.size / seconds if seconds > 0 else None,
            gap_mean=float(gaps.mean()) if gaps.size else None,
            gap_p95=float(np.percentile(gaps, 95)) if gaps.size else None,
            gap_max=float(gaps.max()) if gaps.size else None,
        )

    def _keep(self, generation: Generation) -> None:
        self._ended[generation.model].append(generation)
