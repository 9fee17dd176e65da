"""What people say to answer, to agree, to hesitate, to correct themselves and to silence an assistant."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

_ANNOTATION = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|<[^>]*>")
"""What transcribers write for sounds: "[cough]", "(laughs)", "*sighs*"."""
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile("['’‘ʼ`]")
_STRETCHED = re.compile(r"(\w)\1{2,}|([mhмхэ])\2")
"""Letters that are written once or several times for one sound: "mm-hmm" and "mhm", "oh" and "ohhh"."""
_OPEN_MARKS = (",", "...", "…", "-", "–", "—", ":", ";", "،", "、", "，")
_CLOSING_QUOTES = "\"'”’») "

_LONGEST_REMARK = 6
"""Words; who says more than that is saying something."""
_LONGEST_PHRASE = 5
"""Words of the longest entry of a table."""


def words(text: str) -> list[str]:
    """The words of a transcript: lower case, without punctuation, apostrophes and annotations such as "[cough]".

    Empty when nothing was said.
    """
    plain = unicodedata.normalize("NFC", _ANNOTATION.sub(" ", text)).casefold().replace("ё", "е")
    return _WORD.findall(_APOSTROPHES.sub("", plain))


class Phrases:
    """The tables of one language; every question is about a whole transcript, however it is spelt and punctuated.

    Args:
        tables: Phrases by kind: `short_answers`, `backchannels`, `fillers`, `corrections`, `stop`, `dangling` and
            `courtesies` (what may stand around an answer or a stop, such as "please"); one that is not there is empty.
    """

    def __init__(self, tables: Mapping[str, Sequence[str]]) -> None:
        def table(name: str) -> frozenset[str]:
            return frozenset(_key(words(phrase)) for phrase in tables.get(name, ()))

        self._short_answers = table("short_answers")
        self._remarks = table("backchannels") | table("fillers")
        self._corrections = table("corrections")
        self._unfinished = table("dangling") | table("fillers") | (self._corrections - self._short_answers)
        self._stop = table("stop")
        self._courtesies = table("courtesies")

    @classmethod
    def load(cls, language: str | None) -> Phrases:
        """The phrases of a language, by its ISO 639-1 code ("en", "en-GB"); without any for one that is not known."""
        code = re.split("[-_]", language or "")[0].lower()
        source = files("assets").joinpath("phrases", f"{code}.json")
        return cls(json.loads(source.read_text("utf-8")) if code.isalpha() and source.is_file() else {})

    def is_backchannel(self, text: str) -> bool:
        """Whether it only says "I am listening", or hesitates: "Mm-hmm.", "Yeah, okay.", "Um"."""
        return _consists_of(words(text), self._remarks)

    def is_stop(self, text: str) -> bool:
        """Whether it tells the assistant to be silent, and nothing else: "Stop!", "Arvis, stop, please."."""
        return _consists_of(words(text), self._stop, self._courtesies)

    def is_short_answer(self, text: str) -> bool:
        """Whether it is a complete answer of a word or two: "Yes, please.", "No.", "Thank you."."""
        return _consists_of(words(text), self._short_answers, self._courtesies)

    def ends_open(self, text: str) -> bool:
        """Whether the words call for more: they end in a comma, in "and", "the", "um", "wait" and the like."""
        written = _ANNOTATION.sub(" ", text).rstrip(_CLOSING_QUOTES)
        said = words(text)
        if not said or written.endswith(("?", "？")):
            return False
        if written.endswith(_OPEN_MARKS):
            return True
        return not self.is_short_answer(text) and any(key in self._unfinished for key in _ends(said))

    def begins_with_correction(self, text: str) -> bool:
        """Whether it takes back what was said before: "Actually, ...", "No wait, ...", "I mean ..."."""
        said = words(text)
        return any(_key(said[:count]) in self._corrections for count in range(1, min(len(said), _LONGEST_PHRASE) + 1))


def _key(said: Iterable[str]) -> str:
    """One string for all spellings of a phrase: "mm hmm", "mmhmm" and "mhm" are the same."""
    return _STRETCHED.sub(lambda run: run[1] or run[2], "".join(said))


def _ends(said: list[str]) -> Iterable[str]:
    """Keys of the last word, of the last two, and so on."""
    return (_key(said[-count:]) for count in range(1, min(len(said), _LONGEST_PHRASE) + 1))


def _consists_of(said: list[str], phrases: frozenset[str], around: frozenset[str] = frozenset()) -> bool:
    """Whether the words are one or more of `phrases` on end, with any of `around` before, between and after."""
    if len(said) > _LONGEST_REMARK:
        return False
    reached = {(0, False)}  # (words used up, whether one of `phrases` was among them)
    for end in range(1, len(said) + 1):
        for start, found in list(reached):
            key = _key(said[start:end])
            if key in phrases:
                reached.add((end, True))
            if key in around:
                reached.add((end, found))
    return (len(said), True) in reached
