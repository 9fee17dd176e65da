"""Cuts text that arrives piece by piece into clauses for the voice."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from modules.tts.boundaries import Boundary, NeedMore, boundary_at, joint_at
from modules.tts.fences import CodeFenceFilter
from modules.tts.words import has_words

MAX_WORDS = 30
"""Words per clause; voices read longer ones worse, and the first sound of them comes late."""
MAX_CHARACTERS = 300
"""Characters per clause, for text that has few spaces."""
_CONJUNCTIONS = frozenset({
    "and", "or", "but", "because", "which", "that", "so", "when", "while", "if", "although", "since", "where", "who",
    "than",
})  # fmt: skip
_MIN_WORDS_BEFORE_CONJUNCTION = 10
_WHOLE_WORD = re.compile(r"\S+(?=\s)")


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of text that is spoken in one go."""

    index: int
    """Counts from 0 in each reply."""
    text: str
    """As written, stripped; it has a letter or digit."""
    pause_s: float
    """Seconds of silence that belong behind it; 0 behind the last clause of a text."""


@dataclass(frozen=True, slots=True)
class FlushSizes:
    """From how many words on a part of a sentence is spoken by itself."""

    at_mark: tuple[int, ...] = (1, 5, 12)
    """Words before a comma, a colon or the like, in the first clause, the second, and so on; the last for all others.

    The first must be heard soon; by the time of the later ones there is sound enough to wait for whole sentences.
    """
    at_joint: int | None = None
    """Words before an "and", a "because" or the like without a mark; None to cut at marks only."""


class ClauseChunker:
    """Cuts a stream of text into clauses, as soon as they are complete.

    The first clause ends at the first punctuation, later ones at the end of their sentence, or at a clause of it when
    it is long. Cuts are made at punctuation only, except in a sentence without any for `MAX_WORDS` words. The clauses
    are the same however the text was cut into pieces, and joined they are the text, but for white space, fenced code
    blocks and stretches without a letter or digit.

    Args:
        sizes: When a clause of a sentence is long enough to be spoken by itself.
    """

    def __init__(self, sizes: FlushSizes = FlushSizes()) -> None:
        self.sizes = sizes
        """May change at any time; clauses that then are long enough are cut at the next `take`."""
        self._fences = CodeFenceFilter()
        self._reset()

    def _reset(self) -> None:
        self._text = ""
        self._index = 0
        self._begin()

    def _begin(self) -> None:
        """A clause begins where the text does."""
        self._at = 0
        self._words = 0
        self._clause_end: Boundary | None = None
        self._clause_end_words = 0

    @property
    def words(self) -> int:
        """Words that wait for the end of their clause."""
        return len(self._text.split())

    def feed(self, piece: str) -> list[Clause]:
        """Add text; return the clauses that it completes."""
        self.add(piece)
        return list(iter(self.take, None))

    def add(self, piece: str) -> None:
        """Add text, to be taken clause by clause."""
        self._text += self._fences.feed(piece)

    def take(self) -> Clause | None:
        """The next clause that is complete, or None when there is none yet."""
        return self._take(final=False)

    def flush(self) -> list[Clause]:
        """End of the text: return what is left. The chunker is then ready for another text."""
        self._text += self._fences.flush()
        clauses = list(iter(lambda: self._take(final=True), None))
        clauses += self._clause(self._text, 0.0)
        if clauses:
            clauses[-1] = replace(clauses[-1], pause_s=0.0)
        self._reset()
        return clauses

    def _take(self, *, final: bool) -> Clause | None:
        while (cut := self._find_cut(final=final)) is not None:
            clauses = self._clause(self._text[: cut.end], cut.pause)
            self._text = self._text[cut.end :]
            self._begin()
            if clauses:
                return clauses[0]
        return None

    def _clause(self, text: str, pause: float) -> list[Clause]:
        """The clause that the text makes, or none when there is nothing to say in it."""
        text = text.strip()
        if not has_words(text):
            return []
        self._index += 1
        return [Clause(self._index - 1, text, pause)]

    def _find_cut(self, *, final: bool) -> Boundary | None:
        """Read on from where reading stopped, to the next place to cut; None when the text does not hold one."""
        enough = self.sizes.at_mark[min(self._index, len(self.sizes.at_mark) - 1)]
        if self._clause_end is not None and self._clause_end_words >= enough:
            return self._clause_end
        while self._at < len(self._text):
            try:
                if (joint := self._joint(final=final)) is not None:
                    return joint
                boundary = boundary_at(self._text, self._at, final=final, eager=self._index == 0)
            except NeedMore:
                return None
            self._words += self._begins_word()
            if self._words > MAX_WORDS or self._at >= MAX_CHARACTERS:
                return self._clause_end or Boundary(self._cut_without_punctuation(), 0.0, sentence=False)
            if boundary is None:
                self._at += 1
                continue
            self._at = boundary.end
            if boundary.sentence or self._words >= enough:
                return boundary
            self._clause_end, self._clause_end_words = boundary, self._words
        return None

    def _joint(self, *, final: bool) -> Boundary | None:
        least = self.sizes.at_joint
        if least is None or self._words < least or not self._begins_word():
            return None
        return joint_at(self._text, self._at, final=final)

    def _begins_word(self) -> bool:
        at = self._at
        return not self._text[at].isspace() and (at == 0 or self._text[at - 1].isspace())

    def _cut_without_punctuation(self) -> int:
        """Where to cut what has been read: before a conjunction, else at a space, else right here."""
        words = list(_WHOLE_WORD.finditer(self._text[: self._at]))
        for word in reversed(words[_MIN_WORDS_BEFORE_CONJUNCTION:]):
            if word[0].lower() in _CONJUNCTIONS:
                return word.start()
        return words[-1].end() if words else self._at
