"""Removal of markdown code blocks from text that arrives piece by piece."""

from __future__ import annotations

import re

_OPENING = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})(?P<info>.*)", re.DOTALL)
_UNDECIDED = re.compile(r"[ \t]*(?:`{0,2}$|~{0,2}$|`{3}|~{3})")
_MAX_INDENT = 12
"""Characters of leading whitespace after which a line cannot be a fence any more; nested lists indent by less."""


class CodeFenceFilter:
    """Passes text on and leaves out fenced code blocks, their fences included.

    What comes out, in all, does not depend on how the text was cut into pieces.
    """

    def __init__(self) -> None:
        self._line = ""
        self._open: str | None = None
        self._released = False

    def feed(self, piece: str) -> str:
        """Add a piece; return what is certain to be outside of code blocks."""
        *lines, rest = piece.split("\n")
        kept = [self._add(f"{line}\n") + self._end_line() for line in lines]
        return "".join([*kept, self._add(rest)])

    def flush(self) -> str:
        """End of the text: return what was held back, unless it belongs to a code block."""
        rest = self._end_line()
        self._open = None
        return rest

    def _add(self, part: str) -> str:
        if self._released:
            return part
        self._line += part
        if self._open is not None or self._may_be_fence():
            return ""
        self._released = True
        held, self._line = self._line, ""
        return held

    def _may_be_fence(self) -> bool:
        if len(self._line) - len(self._line.lstrip(" \t")) > _MAX_INDENT:
            return False
        return _UNDECIDED.match(self._line) is not None

    def _end_line(self) -> str:
        """Decide on the whole line that was held back, and begin the next one."""
        line, self._line, self._released = self._line, "", False
        if self._open is not None:
            if line.strip() and not line.strip().strip(self._open[0]) and len(line.strip()) >= len(self._open):
                self._open = None
            return ""
        fence = _OPENING.match(line)
        # Three backticks with more backticks behind them are code within a line, not a fence.
        if fence is None or (fence["fence"][0] == "`" and "`" in fence["info"]):
            return line
        self._open = fence["fence"]
        return ""
