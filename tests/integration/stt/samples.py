"""The recordings with their words, and how far a transcript is from them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from num2words import num2words

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.files import read_audio
from tests.words import word_error_rate, words

ROOT = Path(__file__).parents[3]
_FOLDERS = (ROOT / "assets" / "speech", ROOT / "tests" / "data" / "questions")


@dataclass(frozen=True)
class Sample:
    """A recording and what is said in it."""

    name: str
    audio: AudioChunk
    text: str


@cache
def samples() -> list[Sample]:
    """All recordings: people who read, and questions in a synthetic voice."""
    found = []
    for folder in _FOLDERS:
        for line in (folder / "transcripts.tsv").read_text("utf-8").splitlines():
            name, text = line.split("\t")
            found.append(Sample(name, read_audio(folder / f"{name}.flac"), text))
    return found


def sample(name: str) -> Sample:
    """One recording by its name."""
    return next(found for found in samples() if found.name == name)


def in_a_row(pause: float) -> Sample:
    """All recordings as one, with silence between them (seconds)."""
    gap = np.zeros(round(pause * SPEECH_RATE), np.float32)
    parts = [part for found in samples() for part in (found.audio.samples, gap)]
    return Sample("all", AudioChunk(np.concatenate(parts), SPEECH_RATE), " ".join(found.text for found in samples()))


def error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Word error rate over pairs of what was said and what was understood; numbers count as words."""
    scored = [(word_error_rate(said, _spelled(heard)), len(words(said))) for said, heard in pairs]
    return sum(rate * count for rate, count in scored) / sum(count for _, count in scored)


def _spelled(text: str) -> str:
    return re.sub(r"\d+", lambda match: str(num2words(int(match[0]))), text)
