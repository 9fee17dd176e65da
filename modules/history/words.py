"""The words that are looked for, as the indexes of the history take them, and where they are in a text."""

from __future__ import annotations

import re
import unicodedata

SNIPPET_CHARACTERS = 160
_BEFORE = 40
"""Characters of a snippet before the first word that was found."""
_BETWEEN = re.compile("[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\xbf\u2000-\u206f\u3000-\u303f]+")
_REPLACED = str.maketrans("ёЁ", "еЕ")
"""As in the view that SQLite's index is made of."""
_LINE_BREAKS = {ord(character): " " for character in "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"}


def chunks(query: str) -> list[str]:
    """What is between the spaces of a query, without what has neither letters nor digits."""
    return [chunk for chunk in query.replace("\0", " ").split() if any(map(str.isalnum, chunk))]


def fts5_query(query: str) -> str:
    """The query in the language of SQLite's index: every word, the last one may go on. Empty when there is no word.

    Everything is quoted, so no text is a mistake (https://sqlite.org/fts5.html, 3.1).
    """
    composed = unicodedata.normalize("NFC", query).translate(_REPLACED)
    quoted = ['"' + chunk.replace('"', '""') + '"' for chunk in chunks(composed)]
    return " AND ".join(quoted) + "*" if quoted else ""


def ts_query(query: str) -> str:
    """The query in the language of PostgreSQL's index; the same."""
    quoted = ["'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in folded_words(query)]
    return " & ".join(quoted) + ":*" if quoted else ""


def folded_words(query: str) -> list[str]:
    """The words of a query in lower case and without diacritics."""
    return [word for chunk in chunks(query) for word in _BETWEEN.split(fold(chunk)[0]) if word]


def fold(text: str) -> tuple[str, list[int]]:
    """A text in lower case and without diacritics, and for each of its characters which one of `text` it comes from."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    folded: list[str] = []
    origins: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character.lower()):
            if not unicodedata.combining(part):
                folded.append(part)
                origins.append(place)
    return "".join(folded), origins


def snippet(texts: tuple[str, ...], query: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The part of the first text that has a word of the query, around that word, and where in it the words are.

    Without any, the beginning of the first text.
    """
    pattern = _pattern(query)
    for text in texts:
        marks = _find(text, pattern) if pattern is not None else []
        if marks:
            return _cut(text, marks)
    return _cut(texts[0], [])


def _pattern(query: str) -> re.Pattern[str] | None:
    *whole, last = map(re.escape, folded_words(query) or [""])
    if not last:
        return None
    ends = "".join(rf"{word}(?!\w)|" for word in whole)
    return re.compile(rf"(?<![^\W_])(?:{ends}{last}\w*)")


def _find(text: str, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    folded, origins = fold(text)
    return [(origins[found.start()], origins[found.end() - 1] + 1) for found in pattern.finditer(folded)]


def _cut(text: str, marks: list[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    start = max(0, marks[0][0] - _BEFORE) if marks else 0
    if start:
        start = text.find(" ", start, marks[0][0]) + 1 or start
    end = min(len(text), start + SNIPPET_CHARACTERS)
    before, after = "…" * (start > 0), "…" * (end < len(text))
    shift = len(before) - start
    inside = tuple((begin + shift, stop + shift) for begin, stop in marks if stop <= end)
    return before + text[start:end].translate(_LINE_BREAKS) + after, inside
