"""How much of what was said was understood."""

from __future__ import annotations

import re
from difflib import SequenceMatcher


def understood(said: str, heard: str) -> float:
    """Part of the words of `said` that are in `heard`, in their order, 0 to 1; 1 when nothing was said."""
    left, right = words(said), words(heard)
    if not left:
        return 1.0
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(left)


def words(text: str) -> list[str]:
    """The words of a text, in lower case and without apostrophes."""
    return re.findall(r"\w+", text.casefold().replace("'", ""))
