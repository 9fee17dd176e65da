"""Keeps account of what was spoken, so that history can hold what was heard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Entry:
    text: str
    seconds: float = 0.0


class SpokenLedger:
    """The clauses of one reply in the order of playback, each with the seconds of sound that carry it."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []

    def start(self, text: str) -> None:
        """The clause `text` is about to be played."""
        self._entries.append(_Entry(text))

    def add(self, seconds: float) -> None:
        """So many more seconds of the present clause were queued for playback."""
        self._entries[-1].seconds += seconds

    def heard(self, seconds: float) -> str:
        """The words that were heard when playback ended after `seconds`.

        A clause that was cut counts with the words that fit in the part of its time that was heard.
        """
        words: list[str] = []
        left = seconds
        for entry in self._entries:
            if left <= 0 or entry.seconds <= 0:
                break
            clause = entry.text.split()
            share = min(1.0, left / entry.seconds)
            # A hundredth of slack: clocks of device and loop never agree to the last sample.
            words += clause if share > 0.99 else clause[: int(share * len(clause))]
            left -= entry.seconds
        return " ".join(words)
