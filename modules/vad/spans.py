"""From probabilities of speech to stretches of speech."""

from __future__ import annotations

import math
from collections.abc import Sequence

from modules.vad.base import SpeechSpan

WINDOW_SECONDS = 0.032
"""Length of the window that one probability belongs to."""

HYSTERESIS = 0.15
"""Speech goes on until the probability is this much below the one at which it began."""

MIN_SPEECH_SECONDS = 0.1
"""Anything shorter is a click or a cough; the shortest words ("Yes.") are three times as long."""

MIN_SILENCE_SECONDS = 0.1
"""A shorter silence is a stop consonant inside a word."""

PAD_SECONDS = 0.1
"""Added on both sides: soft first and last sounds stay below the threshold."""


def find_spans(probabilities: Sequence[float], seconds: float, threshold: float = 0.5) -> list[SpeechSpan]:
    """The stretches of speech in a recording, in order; they neither touch nor overlap.

    Args:
        probabilities: Of speech, one for each window of 32 ms from the beginning.
        seconds: Length of the recording.
        threshold: Probability at which speech begins.
    """
    spans: list[SpeechSpan] = []
    for first, last in _runs(probabilities, threshold):
        start = max(0.0, first * WINDOW_SECONDS - PAD_SECONDS)
        end = min(seconds, last * WINDOW_SECONDS + PAD_SECONDS)
        if spans and start <= spans[-1].end:
            spans[-1] = SpeechSpan(spans[-1].start, end)
        else:
            spans.append(SpeechSpan(start, end))
    return spans


def _runs(probabilities: Sequence[float], threshold: float) -> list[tuple[int, int]]:
    """First window of each stretch, and the first one after it."""
    shortest = math.ceil(MIN_SPEECH_SECONDS / WINDOW_SECONDS)
    patience = math.ceil(MIN_SILENCE_SECONDS / WINDOW_SECONDS)
    floor = max(threshold - HYSTERESIS, 0.01)
    runs: list[tuple[int, int]] = []
    first: int | None = None
    end = 0
    for index, probability in enumerate([*probabilities, *[0.0] * patience]):
        if probability >= (threshold if first is None else floor):
            first = index if first is None else first
            end = index + 1
        elif first is not None and index - end + 1 >= patience:
            if end - first >= shortest:
                runs.append((first, end))
            first = None
    return runs
