"""Keeps account of what was spoken, so that history can hold what was heard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Entry:
    text: str
    pause: float
    seconds: float = 0.0


class SpokenLedger:
    """The clauses of one reply in the order of playback, each with the seconds of sound that carry it."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []

    def start(self, text: str, pause: float = 0.0) -> None:
        """The clause `text` is about to be played; its sound ends with `pause` seconds of silence."""
        self._entries.append(_Entry(text, pause))

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
            voiced = max(entry.seconds - entry.pause, 1e-6)
            # A hundredth of slack: clocks of device and loop never agree to the last sample.
            words += clause[: int(min(1.0, left / voiced + 0.01) * len(clause))]
            left -= entry.seconds
        return " ".join(words)
