"""Removal of the wake phrase from what a recogniser wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from difflib import SequenceMatcher
from itertools import groupby

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

_CALLS = frozenset({"hey", "hay", "hei", "эй", "хей"})
"""What is said before a name, however it is written: after it, much is taken for the name."""

_MISHEARD_CALLS = frozenset({"a", "aint", "ay", "eh", "he", "hi", "k", "kay", "page"})
"""What Whisper and Moonshine write for "hey" as well; as they begin sentences too, the name has to be clear."""

_AFTER_CALL = 0.6
"""Likeness, 0 to 1, from which a word after "hey" is the name: "jervis" 0.83, "travis" 0.67; "charles" is 0.46."""

_ALONE = 0.8
"""Likeness from which a word is the name although nothing certain calls it."""

_SOUNDS = {
    letter: sound for sound, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r")) for letter in letters
}
"""Consonants that are taken for one another, as in Soundex."""

_MARKS = " \t\n,.;:!?…)-–—\"'“”„«»"
"""What may be left between the phrase and the request."""

_QUOTES = {'"': '"', "“": "”", "«": "»"}


def without_wake_phrase(text: str, phrases: Sequence[str]) -> str:
    """What is left of a transcript without the wake phrase at its beginning, however often it is said there.

    A phrase is also found when a recogniser has misheard it a little: "A. Jarvis, stop." and "Hey, Travis, stop." both
    leave "Stop.". What is left begins with a capital letter if `text` did. A text that is nothing but the phrase
    leaves "", and one without it is returned as it is.

    Args:
        text: The transcript.
        phrases: How the phrase may be written, lower case without punctuation, for example "hey jarvis".
    """
    rest = text
    while (end := max((_phrase_end(rest, phrase) for phrase in phrases), default=0)) > 0:
        rest = _balanced(rest[end:].lstrip(_MARKS))
    if rest == text:
        return text
    return rest[:1].upper() + rest[1:] if _begins_with_capital(text) else rest


def _phrase_end(text: str, phrase: str) -> int:
    """Where the phrase ends that `text` begins with; 0 if it begins with something else."""
    first, *others = phrase.split()
    words = list(_WORD.finditer(text))[: len(others) + 2]
    name = "".join(others) or first
    if others and words and (end := _end_after_call(words, {first, *_CALLS}, name)):
        return end
    return _best_end(words, name, _ALONE, by_sound=False)


def _end_after_call(words: Sequence[re.Match[str]], calls: Set[str], name: str) -> int:
    call = words[0].group().lower()
    if call in calls:
        return _best_end(words[1:], name, _AFTER_CALL, by_sound=True)
    if call in _MISHEARD_CALLS and len(words) > 1:
        apart = words[1].start() - words[0].end() > 1  # "A. Derbis" is no beginning of a sentence
        return _best_end(words[1:], name, _ALONE, by_sound=apart)
    return 0


def _best_end(words: Sequence[re.Match[str]], name: str, least: float, *, by_sound: bool) -> int:
    """End of the words that together are most like `name`; 0 if none are like it enough."""
    best = (least, 0)
    for end, heard in _joined(words):
        likeness = SequenceMatcher(None, heard, name, autojunk=False).ratio()
        if by_sound and len(_sounds(name)) > 1 and _sounds(heard) == _sounds(name):
            likeness = max(likeness, least)
        if likeness > best[0] or (likeness == best[0] and not best[1]):
            best = (likeness, end)
    return best[1]


def _joined(words: Sequence[re.Match[str]]) -> Iterator[tuple[int, str]]:
    """Where each word ends, with the letters of all words up to there."""
    letters = ""
    for word in words:
        letters += word.group().lower().replace("'", "").replace("’", "")
        yield word.end(), letters


def _sounds(word: str) -> list[int]:
    """The kinds of consonant after the first letter, each run of one kind once."""
    return [sound for sound, _ in groupby(_SOUNDS[letter] for letter in word[1:] if letter in _SOUNDS)]


def _balanced(text: str) -> str:
    """The text without a closing quotation mark whose opening one went with the phrase."""
    for opening, closing in _QUOTES.items():
        inside = text.count(opening) - (text.count(closing) if closing != opening else 0)
        if text.endswith(closing) and (inside % 2 if closing == opening else inside < 0):
            return text[:-1].rstrip()
    return text


def _begins_with_capital(text: str) -> bool:
    first = _WORD.search(text)
    return first is not None and first.group()[0].isupper()
