"""Account of the sound of a reply: what is there, and what the voice is still to make."""

from __future__ import annotations

import math
from collections import deque

from modules.streaming.voice_speed import VoiceSpeed


class PromisedSound:
    """Foretells when the sound of the clauses given to a voice will end, and when the voice will be free.

    It supposes that sound is played as soon as it is there, without a pause by the user: an answer that is held back
    or paused has more sound left than it says, never less.

    Args:
        speed: Of the voice.
    """

    def __init__(self, speed: VoiceSpeed) -> None:
        self._speed = speed
        self._waiting: deque[tuple[int, float]] = deque()
        self._free = self._ends = -math.inf
        self._outlook: tuple[float, float] | None = None

    def promise(self, words: int, now: float) -> None:
        """A clause of so many words was given to the voice."""
        self._waiting.append((words, now))
        self._outlook = None

    def keep(self, begun: float, audio_seconds: float, now: float) -> int:
        """The first of the promised clauses is there, its sound from monotonic time `begun` on; return its words."""
        words, _ = self._waiting.popleft()
        self._free, self._ends = now, max(self._ends, begun) + audio_seconds
        self._outlook = None
        return words

    def outlook(self) -> tuple[float, float]:
        """Monotonic times: when the voice is free for another clause, and when the sound of all promised ones ends."""
        if self._outlook is None:
            free, ends = self._free, self._ends
            for words, given in self._waiting:
                start = max(free, given)
                ends = max(ends, start + self._speed.first(words)) + self._speed.audio_per_word * words
                free = start + self._speed.compute(words)
            self._outlook = free, ends
        return self._outlook
