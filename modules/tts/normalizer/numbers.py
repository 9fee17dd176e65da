"""Numbers of every other kind, spoken: codes, versions, telephone numbers, ranges, fractions, years, plain numbers."""

from __future__ import annotations

import re

from modules.tts.normalizer.numerals import NUMBER, cardinal, digits, is_one, number, ordinal, pairs, year

_FRACTION_CHARACTERS = {
    "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5", "⅘": "4/5",
    "⅙": "1/6", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8",
}  # fmt: skip
_FRACTION_CHARACTER = re.compile(rf"([0-9])?([{''.join(_FRACTION_CHARACTERS)}])")
_ADDRESS = re.compile(r"(?<![\w.])((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?![\w]|\.[0-9])")
_VERSION = re.compile(r"(?<![\w.])([vV])?([0-9]+(?:\.[0-9]+){2,})(?!\.?[0-9])")
_NAMED_VERSION = re.compile(
    r"\b(version|Version|Python|python|release|Release|v|V)(\s?)([0-9]{1,4})\.([0-9]{1,4})(?![\w]|\.[0-9])"
)
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+[0-9]{1,3}(?:[ .-]?(?:\([0-9]{1,4}\)|[0-9]{2,4})){2,5}"
    r"|(?:\([0-9]{3}\) ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}|[0-9]{3}-[0-9]{4})(?![\w-]|\.[0-9])"
)
_HEX = re.compile(r"(?<![\w])0[xX]([0-9A-Fa-f]+)(?!\w)")
_SCIENTIFIC = re.compile(rf"(?<![\w.,])({NUMBER})[eE]([+-]?)([0-9]{{1,3}})(?!\w)")

_HYPHENATED = re.compile(r"(?<=[A-Za-z])-(?=[0-9])|(?<=[0-9])-(?=[A-Za-z])")
_FRACTION = re.compile(r"(?<![\w./])(?:([0-9]{1,4}) )?([0-9]{1,4})/([0-9]{1,4})(?![\w/]|\.[0-9])")
_DENOMINATORS = {2: ("half", "halves"), 4: ("quarter", "quarters")}
_NOT_FRACTIONS = frozenset({("24", "7"), ("9", "11")})
_ORDINAL = re.compile(r"(?<![\w.,])([0-9]{1,3}(?:,[0-9]{3}){0,3}|[0-9]{1,9})(st|nd|rd|th)(?!\w)", re.IGNORECASE)
_DECADE = re.compile(r"(?<![\w.,])(?:['’]([0-9]0)|((?:1[0-9]|20)[0-9]0))['’]?s(?!\w)")
_RANGE = re.compile(rf"(?<![\w.,/-])({NUMBER})\s?[-–—]\s?({NUMBER})(?![\w/-]|[.,:][0-9])")
_RATIO = re.compile(r"(?<![\w.,:])([0-9]{1,4}):([0-9]{1,4})(?![\w:])")
_YEAR_AFTER = re.compile(
    r"(?i:\b(in|since|by|from|until|till|before|after|around|year|circa|during|of) )"
    r"(1[1-9][0-9]{2})(?![\w%]|[.,:][0-9])"
)
_YEAR = re.compile(r"(?<![\w.,$€£+/:-])((?:19|20)[0-9]{2})(?![\w%]|[.,:/][0-9])")
_SIGNED = re.compile(r"(?<![\w.)\]])([-−+±])(?=\.?[0-9])")
_PLAIN = re.compile(rf"(?<![\w.,])({NUMBER})(?![\w])")
_POINT_FIRST = re.compile(r"(?<![\w.])\.([0-9]+)(?!\w)")
_MIXED = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*+[0-9])(?=[0-9]*+[A-Za-z])[A-Za-z0-9]+")
_RUN = re.compile(r"[0-9]+|[A-Za-z]+")
_LEFT_OVER = re.compile(r"[0-9]+")

_LONGEST_WORDLIKE = 4
"""Runs of letters and digits up to which a mixed word is read in runs; with more it is a code and spelled."""
_SIGNS = {"-": "minus ", "−": "minus ", "+": "plus ", "±": "plus or minus "}


def speak_codes(text: str) -> str:
    """Put what only looks like a number into words: decades, addresses, versions, telephone numbers."""
    text = _DECADE.sub(_decade, text)
    text = _FRACTION_CHARACTER.sub(lambda match: f"{match[1] or ''} {_FRACTION_CHARACTERS[match[2]]}", text)
    text = _ADDRESS.sub(lambda match: " dot ".join(map(digits, match[1].split("."))), text)
    text = _VERSION.sub(_version, text)
    text = _NAMED_VERSION.sub(
        lambda match: f"{'version' if match[1] in 'vV' else match[1]} {number(match[3])} point {number(match[4])}", text
    )
    text = _PHONE.sub(_phone, text)
    text = _HEX.sub(lambda match: f"hex {_spelled(match[1])}", text)
    return _SCIENTIFIC.sub(_scientific, text)


def speak(text: str) -> str:
    """Put all remaining numbers into words; no digit is left."""
    text = _FRACTION.sub(_fraction, text)
    text = _ORDINAL.sub(lambda match: ordinal(int(match[1].replace(",", ""))), text)
    text = _RANGE.sub(_range, text)
    text = _RATIO.sub(lambda match: f"{number(match[1])} to {number(match[2])}", text)
    text = _HYPHENATED.sub(" ", text)
    text = _YEAR_AFTER.sub(lambda match: f"{match[1]} {year(int(match[2]))}", text)
    text = _YEAR.sub(lambda match: year(int(match[1])), text)
    text = _SIGNED.sub(lambda match: _SIGNS[match[1]], text)
    text = _PLAIN.sub(lambda match: number(match[1]), text)
    text = _POINT_FIRST.sub(lambda match: f"point {digits(match[1])}", text)
    text = _MIXED.sub(_mixed, text)
    return _LEFT_OVER.sub(lambda match: f" {digits(match[0])} ", text)


def _version(match: re.Match[str]) -> str:
    words = " point ".join(map(number, match[2].split(".")))
    return f"version {words}" if match[1] else words


def _phone(match: re.Match[str]) -> str:
    groups = re.findall(r"[0-9]+", match[0])
    spoken = ", ".join(map(digits, groups))
    return f"plus {spoken}" if match[0].startswith("+") else spoken


def _scientific(match: re.Match[str]) -> str:
    exponent = f"{'minus ' if match[2] == '-' else ''}{cardinal(int(match[3]))}"
    return f"{number(match[1])} times ten to the {exponent}"


def _fraction(match: re.Match[str]) -> str:
    whole, above, below = match.groups()
    if (above, below) in _NOT_FRACTIONS:
        words = f"{number(above)} {number(below)}"
    elif below in ("10", "100") and above != "1":
        words = f"{number(above)} out of {number(below)}"
    elif 1 < int(below) <= 20 and 0 < int(above) < int(below):
        names = _DENOMINATORS.get(int(below)) or (ordinal(int(below)), f"{ordinal(int(below))}s")
        words = f"{number(above)} {names[0] if is_one(above) else names[1]}"
        if whole:
            return f"{number(whole)} and {'a' if is_one(above) else number(above)} {names[not is_one(above)]}"
    else:
        words = f"{number(above)} slash {number(below)}"
    return f"{number(whole)} {words}" if whole else words


def _decade(match: re.Match[str]) -> str:
    value = int(match[1] or match[2])
    words = cardinal(value) if match[1] or value == 2000 else year(value)
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _range(match: re.Match[str]) -> str:
    first, last = match.groups()
    in_years = all(len(end) == 4 and end[:2] in ("17", "18", "19", "20") for end in (first, last))
    return " to ".join(year(int(end)) if in_years else number(end) for end in (first, last))


def _mixed(match: re.Match[str]) -> str:
    """hunter2 -> hunter two, B2B -> B two B; a code such as a hash, character by character."""
    runs = _RUN.findall(match[0])
    if len(runs) > _LONGEST_WORDLIKE:
        return _spelled(match[0])
    return " ".join((number(run) if len(run) < 3 else pairs(run)) if run.isdigit() else run for run in runs)


def _spelled(code: str) -> str:
    return " ".join(digits(character) if character.isdigit() else character.upper() for character in code)
