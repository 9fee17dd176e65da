"""Written text to text as it is spoken: numbers, dates, money, units, addresses, markdown."""

from __future__ import annotations

from modules.tts.normalizer.text import normalize

__all__ = ["normalize"]
