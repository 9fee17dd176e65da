"""Where written text may be cut for speech: at punctuation, and only where it is not part of a word or number."""

from __future__ import annotations

import re
from dataclasses import dataclass

PAUSE_COMMA = 0.12
"""Seconds of silence that a comma means."""
PAUSE_COLON = 0.2
"""Seconds of silence that a semicolon, a colon or a dash means."""
PAUSE_SENTENCE = 0.3
"""Seconds of silence that the end of a sentence or of a line means."""

_SENTENCE_MARKS = frozenset(".!?…。！？")
_CLAUSE_MARKS = {
    ",": PAUSE_COMMA,
    "，": PAUSE_COMMA,
    "、": PAUSE_COMMA,
    ";": PAUSE_COLON,
    "；": PAUSE_COLON,
    ":": PAUSE_COLON,
    "：": PAUSE_COLON,
}
_FULL_WIDTH = frozenset("。！？，、；：")
"""Marks of scripts that put no space after them."""
_CLOSERS = frozenset("\"'”’»)]}*_`~」』）】》")
_OPENERS = "\"'“‘«([{*_`~「『（【《"

_NEVER_LAST = frozenset({
    "mr", "mrs", "ms", "mx", "dr", "prof", "st", "messrs", "sgt", "lt", "capt", "col", "gen", "gov", "sen", "rev",
    "hon", "vs", "cf", "e.g", "i.e", "approx", "ca", "fig", "vol", "pp",
})  # fmt: skip
"""Abbreviations that something always follows."""
_SOMETIMES_LAST = frozenset({
    "etc", "inc", "ltd", "co", "corp", "jr", "sr", "dept", "est", "ave", "blvd", "a.m", "p.m", "ph.d", "b.c", "a.d",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "tues", "wed",
    "thu", "thurs", "fri",
})  # fmt: skip
"""Abbreviations that can end a sentence; what comes next decides."""
_BEFORE_NUMBERS = frozenset({"no", "nos", "p", "ch", "sec", "art"})
"""Words that are abbreviations only before a number."""
_JOINTS = ("and", "or", "but", "because", "which", "while", "although", "since", "when", "where", "if", "so", "unless")
"""Words before which a speaker may draw breath where there is no mark."""
_WORDS_BEHIND_JOINT = 2
_JOINT_WINDOW = 64
"""Characters within which a joint and the words behind it have to be."""
_DOTTED = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")
_LONGEST_ABBREVIATION = 16


class NeedMore(Exception):
    """The text that has arrived does not decide yet."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """A place where text may be cut."""

    end: int
    """Index of the first character behind it, closing quotes and brackets included."""
    pause: float
    """Seconds of silence that its punctuation means."""
    sentence: bool
    """Whether it ends a sentence, rather than a clause within one."""


def boundary_at(text: str, at: int, *, final: bool, eager: bool) -> Boundary | None:
    """Judge the character `text[at]`.

    Args:
        text: What has arrived so far of the present clause, from its beginning.
        at: The character in question.
        final: Nothing follows `text`.
        eager: Decide a sentence end by the space behind it, without a look at the next word.

    Raises:
        NeedMore: The characters behind `at` that decide have not arrived.
    """
    mark = text[at]
    if mark == "\n":
        return Boundary(at + 1, PAUSE_SENTENCE, sentence=True)
    if mark in _SENTENCE_MARKS:
        return _sentence_end(text, at, final=final, eager=eager)
    if mark in _CLAUSE_MARKS:
        end = _past_closers(text, at + 1, final=final)
        if mark in _FULL_WIDTH or _peek(text, end, final=final).isspace():
            return _unless_enclosed(text, Boundary(end, _CLAUSE_MARKS[mark], sentence=False))
    elif mark in "—–":
        return _dash(text, at, final=final)
    return None


def joint_at(text: str, at: int, *, final: bool) -> Boundary | None:
    """The place to cut before the word that begins at `text[at]`, when a clause may be cut before it without a mark.

    Two words without a mark have to follow it, since what is left must not be a crumb.

    Raises:
        NeedMore: The words that decide have not arrived.
    """
    window = text[at : at + _JOINT_WINDOW]
    *whole, begun = window.split(" ", _WORDS_BEHIND_JOINT + 1)
    word = (whole[0] if whole else begun).lower()
    undecided = len(whole) <= _WORDS_BEHIND_JOINT and len(window) < _JOINT_WINDOW and not final
    if not whole:
        if undecided and any(joint.startswith(word) for joint in _JOINTS):
            raise NeedMore
        return None
    if word not in _JOINTS or not all(behind.isalnum() for behind in whole[1:]):
        return None
    if undecided:
        raise NeedMore
    if len(whole) <= _WORDS_BEHIND_JOINT or not text[:at].strip():
        return None
    return _unless_enclosed(text[:at], Boundary(at, 0.0, sentence=False))


def _peek(text: str, index: int, *, final: bool) -> str:
    if index < len(text):
        return text[index]
    if final:
        return "\n"
    raise NeedMore


def _past_closers(text: str, index: int, *, final: bool) -> int:
    while _peek(text, index, final=final) in _CLOSERS:
        index += 1
    return index


def _unless_enclosed(text: str, boundary: Boundary) -> Boundary | None:
    """Refuse to cut inside the square brackets of a link or the backticks of code within a line."""
    clause = text[: boundary.end]
    if clause.count("[") > clause.count("]") or clause.count("`") % 2:
        return None
    return boundary


def _dash(text: str, at: int, *, final: bool) -> Boundary | None:
    following = _peek(text, at + 1, final=final)
    before = text[at - 1] if at > 0 else " "
    between_words = text[at] == "—" and before.isalpha() and following.isalpha()
    # A line that begins with a dash is an item of a list.
    if between_words or (following.isspace() and text[:at].strip()):
        return _unless_enclosed(text, Boundary(at + 1, PAUSE_COLON, sentence=False))
    return None


def _sentence_end(text: str, at: int, *, final: bool, eager: bool) -> Boundary | None:
    run = at + 1
    while _peek(text, run, final=final) in _SENTENCE_MARKS:
        run += 1
    end = _past_closers(text, run, final=final)
    if text[run - 1] not in _FULL_WIDTH and not _peek(text, end, final=final).isspace():
        return None
    if text[at:run] == "." and _is_abbreviation(text, at, final=final):
        return None
    sentence = eager or not _next_visible(text, end, final=final).islower()
    return _unless_enclosed(text, Boundary(end, PAUSE_SENTENCE, sentence=sentence))


def _next_visible(text: str, index: int, *, final: bool) -> str:
    """The first character that is not white; a line break counts, since a line ends whatever it holds."""
    while (character := _peek(text, index, final=final)).isspace() and character != "\n":
        index += 1
    return character


def _is_abbreviation(text: str, at: int, *, final: bool) -> bool:
    """Whether the single period at `at` belongs to the word before it, and the sentence goes on."""
    before = text[max(0, at - _LONGEST_ABBREVIATION) : at]
    word = before.split()[-1].lstrip(_OPENERS) if before and not before[-1].isspace() else ""
    if not word:
        return False
    if word.isdecimal() and len(word) <= 2 and not text[:at].strip()[: -len(word)].strip(_OPENERS):
        return True  # the number of a list item
    lower = word.lower()
    if lower in _NEVER_LAST:
        return True
    if lower in _BEFORE_NUMBERS:
        return _next_visible(text, at + 1, final=final).isdecimal()
    if lower in _SOMETIMES_LAST:
        following = _next_visible(text, at + 1, final=final)
        return following.islower() or following.isdecimal()
    initial = len(word) == 1 and word.isupper() and word != "I"
    if initial or _DOTTED.fullmatch(word):
        return _next_visible(text, at + 1, final=final) != "\n"
    return False
