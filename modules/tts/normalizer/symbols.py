"""Symbols that have a name, spoken; others are dropped."""

from __future__ import annotations

import re

_SHARP = re.compile(r"(?<![\w])([CF])#(?!\w)")
_PLUS_PLUS = re.compile(r"(?<=[A-Za-z])\+\+(?!\w)")
_INITIALS = re.compile(r"(?<![\w&])([A-Z]{1,3})&([A-Z]{1,3})(?![\w&])")
_POWER = re.compile(r"(?<=\w)(?:\^(?:two|three)(?!\w)|[²³])")
_SLASH = re.compile(r"(?<=[^\W_])\s?/\s?(?=[^\W_])")
_PRODUCT = re.compile(r"(?<=\w)\s?\*\s?(?=\w)")
_APPROXIMATELY = re.compile(r"[~≈]\s?(?=\w)")
_WORDS = {
    "&": "and",
    "@": "at",
    "+": "plus",
    "=": "equals",
    "%": "percent",
    "×": "times",
    "÷": "divided by",
    "±": "plus or minus",
    "≤": "at most",
    "≥": "at least",
    "≠": "is not",
    "<": "less than",
    ">": "greater than",
    "→": "to",
    "°": "degrees",
    "^": "to the power of",
    "√": "the square root of",
    "∞": "infinity",
    "#": "hash",
    "§": "section",
    "$": "dollars",
    "€": "euros",
    "£": "pounds",
}
_NAMED = re.compile(f"[{re.escape(''.join(_WORDS))}]")
_SILENT = re.compile(r"[\[\]{}\\_|*~`©®™•·¶†‡←↑↓↔⇒⇐]+")
_ARROW = re.compile(r"[-=]{1,2}>")
_DOUBLE_HYPHEN = re.compile(r"\s?--+\s?")


def speak(text: str) -> str:
    """Put symbols into words: R&D -> R and D, C++ -> C plus plus."""
    text = _ARROW.sub(" to ", text)
    text = _DOUBLE_HYPHEN.sub(" — ", text)
    text = _PLUS_PLUS.sub(" plus plus", _SHARP.sub(r"\1 sharp", text))
    text = _INITIALS.sub(lambda match: f"{'.'.join(match[1])} and {'.'.join(match[2])}", text)
    text = _POWER.sub(_power, text)
    text = _APPROXIMATELY.sub("about ", _PRODUCT.sub(" times ", text))
    text = _SLASH.sub(" ", text)
    text = _NAMED.sub(lambda match: f" {_WORDS[match[0]]} ", text)
    return _SILENT.sub(" ", text)


def _power(match: re.Match[str]) -> str:
    return " squared" if match[0] in ("²", "^two") else " cubed"
