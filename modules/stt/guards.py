"""Signs that a recogniser has lost its way: too many words for the time, or the same words over and over."""

from __future__ import annotations

from collections.abc import Sequence

_PHRASE = 3
"""Tokens from which a block counts as a phrase: a phrase twice in a row is suspicious."""
_WORD_TIMES = 3
"""How often a shorter block must come in a row to be suspicious ("no, no" is said, "no, no, no" seldom)."""


def repeats(tokens: Sequence[int]) -> bool:
    """Whether some phrase comes twice in a row, or some shorter block three times."""
    return len(collapse(tokens)) < len(tokens)


def collapse(tokens: Sequence[int]) -> list[int]:
    """The tokens with every such run of repetitions reduced to one occurrence."""
    kept: list[int] = []
    position = 0
    while position < len(tokens):
        size, times = _run(tokens, position)
        kept.extend(tokens[position : position + size])
        position += size * times
    return kept


def _run(tokens: Sequence[int], start: int) -> tuple[int, int]:
    """Length of the block at `start` and how often it comes in a row; (1, 1) when that is not suspicious."""
    for size in range(1, (len(tokens) - start) // 2 + 1):
        block = tokens[start : start + size]
        times = 1
        while tokens[start + times * size : start + (times + 1) * size] == block:
            times += 1
        if times >= (2 if size >= _PHRASE else _WORD_TIMES):
            return size, times
    return 1, 1
