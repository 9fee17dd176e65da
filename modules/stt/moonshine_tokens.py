"""The vocabulary of a Moonshine model, as its tokenizer.bin has it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from modules.stt.base import TranscriptionError

START = 1
END = 2
_FIRST_WORD = 3
"""Tokens below it are marks (unknown, start, end)."""
_LONG = 0x80
"""A length of this or more takes two bytes: the low seven bits, then the rest."""
_SPACE = "\N{LOWER ONE EIGHTH BLOCK}"


class Vocabulary:
    """Turns token numbers into text.

    The file is a row of entries in order of their numbers, each a length followed by as many bytes of UTF-8. The
    entries 3 to 258 are the single bytes, from which words are put together that have no entry of their own.
    """

    def __init__(self, entries: list[bytes]) -> None:
        self._entries = entries

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """Read a tokenizer.bin.

        Raises:
            TranscriptionError: The file ends in the middle of an entry, or has none.
        """
        data = path.read_bytes()
        entries: list[bytes] = []
        position = 0
        try:
            while position < len(data):
                length, position = data[position], position + 1
                if length >= _LONG:
                    length, position = (length - _LONG) + _LONG * data[position], position + 1
                entries.append(data[position : position + length])
                position += length
        except IndexError:
            position = len(data) + 1
        if position > len(data) or len(entries) <= END:
            raise TranscriptionError("broken-model", f"The file '{path}' is damaged. Fetch the model's files again.")
        return cls(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def text(self, tokens: Iterable[int]) -> str:
        """The text of some tokens, stripped; marks are left out."""
        words = b"".join(self._entries[token] for token in tokens if token >= _FIRST_WORD)
        return words.decode("utf-8", "replace").replace(_SPACE, " ").strip()
