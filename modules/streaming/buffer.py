"""Collects what a language model writes and gives it out in clauses, each when its time has come."""

from __future__ import annotations

from typing import Protocol

from modules.tts.chunker import Clause, ClauseChunker, FlushSizes


class Pacing(Protocol):
    """Decides the sizes of clauses as they come up; `modules.streaming.optimizer.Pace` does so by measured speeds."""

    def sizes(self, words: int) -> FlushSizes:
        """The sizes for the next clause, of which `words` are written so far."""
        ...

    def gave(self, words: int) -> None:
        """A clause of so many words was given to the voice."""
        ...


class StreamBuffer:
    """Turns the pieces of one reply into clauses for the voice: the first one early, then sentences.

    Clauses end at marks only, or at joints between words where the pace demands it: never within a number, a time, an
    abbreviation, an address of the web or of mail, or a row of dots (`modules.tts.boundaries`). Joined they are the
    text, but for white space and what `ClauseChunker` leaves out. With sizes that stay they are the same however the
    text was cut into pieces.

    Args:
        pace: Decides the sizes.
    """

    def __init__(self, pace: Pacing) -> None:
        self._pace = pace
        self._chunker = ClauseChunker()

    def feed(self, piece: str) -> list[Clause]:
        """Add text; return the clauses that it completes, or that the time demands."""
        self._chunker.add(piece)
        clauses: list[Clause] = []
        self._keep_pace()
        while (clause := self._chunker.take()) is not None:
            clauses.append(clause)
            self._gave(clause)
            self._keep_pace()
        return clauses

    def flush(self) -> list[Clause]:
        """End of the text: return what is left. The buffer is not used any more."""
        clauses = self._chunker.flush()
        for clause in clauses:
            self._gave(clause)
        return clauses

    def _keep_pace(self) -> None:
        self._chunker.sizes = self._pace.sizes(self._chunker.words)

    def _gave(self, clause: Clause) -> None:
        self._pace.gave(len(clause.text.split()))
