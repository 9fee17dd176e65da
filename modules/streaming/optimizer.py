"""When to speak what has been written so far: early enough that playback does not run dry, and no earlier."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from modules.streaming.monitor import Generation, LLMPerformanceMonitor
from modules.streaming.promises import PromisedSound
from modules.streaming.voice_speed import VoiceSpeed
from modules.tts.chunker import MAX_WORDS, FlushSizes

WHOLE = FlushSizes()
"""Where nothing presses, the first clause is short and the others are whole sentences, or long parts of them."""
CHARACTERS_PER_WORD = 6.0
"""Of written text, the space included."""
STEP_WORDS = 10
"""Words from one place to cut to the next; in most text there is one sooner."""
JOINT_WORDS = 7
"""A clause that is cut before a joint has so many words at least: shorter ones sound broken."""
PATIENCE_SECONDS = 0.4
"""The first clause is cut before a joint when waiting for the next mark would take longer than this."""
MARGIN_SECONDS = 0.2
"""The next clause should be ready so long before the sound of those before it ends: a machine is not even."""


class LLMStreamingOptimizer:
    """Chooses the sizes of clauses from how fast the model writes and how fast the voice speaks; one for a session.

    The rule, for the clauses of one reply:

    1. The first clause ends at the first mark, whatever follows: to wait for more would delay the first sound by more
       than the gap that it might save. Where even the next mark is likely to be `PATIENCE_SECONDS` away, because the
       model or the voice is slow, a joint ("and", "because") ends it too.
    2. For each later clause, the longest that can still be ready in time is worked out: written at the model's speed,
       begun when the voice is free, its first sound there `MARGIN_SECONDS` before the promised sound ends. A mark, or
       a joint, is taken when to go on to the next one, `STEP_WORDS` further, might exceed that length.
    3. Whatever the hurry, a clause carries as much sound as it costs to make, fixed costs included, so that the voice
       does not fall behind by speaking in crumbs.
    4. Where nothing presses, where nothing has been measured yet, and where the model or the voice is slower than
       speech, so that gaps cannot be helped, clauses are as in `WHOLE`: gaps then fall between sentences.

    Args:
        monitor: Measures the model.
        clock: Monotonic seconds.
    """

    def __init__(self, monitor: LLMPerformanceMonitor, clock: Callable[[], float] = time.monotonic) -> None:
        self.monitor = monitor
        self.speed = VoiceSpeed()
        self.clock = clock

    def spoken(
        self, words: int, compute_seconds: float, audio_seconds: float, first_seconds: float | None = None
    ) -> None:
        """Learn from a clause: the time to make all of its sound, its length, and the time to its first sound.

        Args:
            words: Of the clause, as written.
            compute_seconds: From the request to the last chunk of sound.
            audio_seconds: Of sound.
            first_seconds: From the request to the first chunk; None when all sound comes at once.
        """
        self.speed.add(
            words, compute_seconds, audio_seconds, compute_seconds if first_seconds is None else first_seconds
        )

    def begin(self, model: str) -> Pace:
        """A reply of a model is about to be generated."""
        return Pace(self, model)


class Pace:
    """The sizes of the clauses of one reply, by the rule of `LLMStreamingOptimizer`.

    Args:
        optimizer: Knows the speeds.
        model: Name of the model that writes.
    """

    def __init__(self, optimizer: LLMStreamingOptimizer, model: str) -> None:
        self.generation: Generation = optimizer.monitor.generation(model)
        """The run of the model; to be entered when it begins, and told each token."""
        self._optimizer = optimizer
        self._speed = optimizer.speed
        self._usual_speed = optimizer.monitor.seconds_per_character(model)
        self._clock = optimizer.clock
        self._sound = PromisedSound(self._speed)
        self._given = 0

    def sizes(self, words: int) -> FlushSizes:
        """The sizes for the next clause, of which `words` are written so far."""
        writing, compute, audio = self._seconds_per_word(), self._speed.compute, self._speed.audio_per_word
        whole = WHOLE.at_mark[min(self._given, len(WHOLE.at_mark) - 1)]
        if not writing or max(writing, compute.per_word) >= audio:
            return FlushSizes((whole,))
        if self._given == 0:
            wait = STEP_WORDS * (writing + self._speed.first.per_word)
            return FlushSizes((whole,), JOINT_WORDS if wait > PATIENCE_SECONDS else None)
        enough = compute.fixed / (audio - compute.per_word)
        least = max(self._longest(words, writing) - STEP_WORDS, enough)
        if least >= MAX_WORDS:
            return FlushSizes((whole,))
        return FlushSizes((math.ceil(min(max(least, 1.0), whole)),), math.ceil(max(least, JOINT_WORDS)))

    def gave(self, words: int) -> None:
        """A clause of so many words was given to the voice."""
        self._given += 1
        self._sound.promise(words, self._clock())

    def spoken(self, compute_seconds: float, audio_seconds: float, first_seconds: float | None = None) -> None:
        """The clause that waited longest was synthesised; see `LLMStreamingOptimizer.spoken`."""
        first = compute_seconds if first_seconds is None else first_seconds
        now = self._clock()
        words = self._sound.keep(now - compute_seconds + first, audio_seconds, now)
        self._optimizer.spoken(words, compute_seconds, audio_seconds, first)

    def _longest(self, words: int, writing: float) -> float:
        """Words of the longest clause that would be ready in time."""
        first, now = self._speed.first, self._clock()
        free, ends = self._sound.outlook()
        left = ends - MARGIN_SECONDS - first.fixed
        by_text = (left - now + words * writing) / (writing + first.per_word)
        return min(by_text, (left - max(now, free)) / max(first.per_word, 1e-6))

    def _seconds_per_word(self) -> float:
        """How fast the model writes; 0 when that is not known."""
        speed = self.generation.seconds_per_character or self._usual_speed
        return CHARACTERS_PER_WORD * speed if speed is not None else 0.0
