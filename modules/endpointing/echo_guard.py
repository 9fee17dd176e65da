"""The last line against the assistant answering itself: is what was heard what it has just said?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from modules.endpointing.phrases import words

_MEMORY_SECONDS = 6.0
"""What was over for longer when somebody began to speak is not what is heard."""
_WORD_SECONDS = 0.35
"""Time of a spoken word; slow voices need it."""
_KEPT_SECONDS = 60.0
_CONTAINED = 0.8
"""Part of the words heard that must have been said, in that order."""
_FEWEST_WORDS = 3
"""Fewer are said by chance: they count only right after they were said, if the canceller lets echo through."""
_LAST_SECONDS = 2.0
_ALIKE = 0.75
"""Similarity, 0 to 1, from which one word may have been taken for the other: "weather" and "whether" have 0.86."""


class EchoGuard:
    """Compares transcripts with what the assistant said; times are in seconds on any one clock."""

    def __init__(self) -> None:
        # Each reply by itself: words with the times at which they are over.
        self._replies: deque[list[tuple[str, float]]] = deque([[]])

    def begin(self) -> None:
        """A new reply begins: an echo is of one of them, so words of two are not put together."""
        if self._replies[-1]:
            self._replies.append([])

    def silenced(self, at: float) -> None:
        """The present reply was cut off: what was not said by then will not be."""
        self._replies[-1] = [(word, over) for word, over in self._replies[-1] if over <= at + _WORD_SECONDS]

    def said(self, text: str, at: float) -> None:
        """The assistant begins to say `text` at `at`, or as soon as it has said what it was told to say before."""
        reply = self._replies[-1]
        over = max(at, reply[-1][1]) if reply else at
        for word in words(text):
            over += _WORD_SECONDS
            reply.append((word, over))
        while len(self._replies) > 1 and (not self._replies[0] or at - self._replies[0][-1][1] > _KEPT_SECONDS):
            self._replies.popleft()

    def is_echo(self, text: str, now: float, settled: bool) -> bool:
        """Whether a transcript that is complete at `now` is the assistant's own voice.

        Args:
            text: What was heard.
            now: The time.
            settled: Whether the echo canceller has settled: then little echo comes through, and a word or two are
                rather the user's.
        """
        heard = words(text)
        if len(heard) >= _FEWEST_WORDS:
            began = now - len(heard) * _WORD_SECONDS
            return any(_common(heard, said) >= _CONTAINED * len(heard) for said in self._since(began - _MEMORY_SECONDS))
        return bool(heard) and not settled and any(_follow(heard, said) for said in self._since(now - _LAST_SECONDS))

    def _since(self, time: float) -> Iterator[list[str]]:
        """What was said of each reply since then."""
        for reply in self._replies:
            yield [word for word, over in reply if over >= time]


def _common(heard: Sequence[str], said: Sequence[str]) -> int:
    """Length of the longest common subsequence: the words of `heard` that are in `said`, in the same order."""
    row = [0] * (len(said) + 1)
    for word in heard:
        before, row = row, [0]
        for index, other in enumerate(said):
            row.append(before[index] + 1 if _is_alike(word, other) else max(before[index + 1], row[index]))
    return row[-1]


def _follow(heard: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the words of `heard` stand in `said` side by side."""
    places = range(len(said) - len(heard) + 1)
    return any(all(map(_is_alike, heard, said[place:])) for place in places)


@lru_cache(maxsize=4096)
def _is_alike(one: str, other: str) -> bool:
    if one == other:
        return True
    # True of nearly all errors, and quick to see.
    if one[0] != other[0] and one[-1] != other[-1]:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE
