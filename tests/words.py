"""Word error rate, for tests that compare what was said with what was understood."""

from __future__ import annotations

import re


def words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return re.findall(r"[a-z0-9']+", text.lower().replace("’", "'").replace("-", " "))


def word_error_rate(expected: str, actual: str) -> float:
    """Edits (insert, delete, replace a word) that turn `actual` into `expected`, over the words of `expected`."""
    left, right = words(expected), words(actual)
    row = list(range(len(right) + 1))
    for number, word in enumerate(left, 1):
        diagonal, row[0] = row[0], number
        for column, other in enumerate(right, 1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
    return row[-1] / max(1, len(left))
