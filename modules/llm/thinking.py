"""Leaves out what a reasoning model thinks before it answers."""

from __future__ import annotations

_OPEN = "<think>"
_CLOSE = "</think>"
"""The marks of DeepSeek-R1, Qwen3 and the models that follow them."""


class ThoughtFilter:
    """Takes a reply piece by piece and gives back the part that is meant for the user.

    Only a thought at the very beginning of a reply is left out; the same marks later on are text like any other.
    """

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._answering = False

    def feed(self, piece: str) -> str:
        """The text that is known to be part of the answer; may be empty."""
        if self._answering:
            return piece
        self._held += piece
        if not self._thinking:
            begun = self._held.lstrip()
            if not begun.startswith(_OPEN):
                return "" if _OPEN.startswith(begun) else self._release(self._held)
            self._thinking = True
        _, closed, answer = self._held.partition(_CLOSE)
        if not closed:
            self._held = _OPEN + self._held[-len(_CLOSE) :]
            return ""
        answer = answer.lstrip()
        if not answer:
            self._held = _OPEN + _CLOSE
            return ""
        return self._release(answer)

    def flush(self) -> str:
        """What is left at the end of the reply: nothing, unless it might have become a thought and did not."""
        return "" if self._thinking or self._answering else self._release(self._held)

    def _release(self, text: str) -> str:
        self._answering = True
        self._held = ""
        return text
