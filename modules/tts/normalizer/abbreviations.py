"""Abbreviations, written out."""

from __future__ import annotations

import re

_TITLES = {
    "Mr": "Mister",
    "Mrs": "Missis",
    "Ms": "Miz",
    "Dr": "Doctor",
    "Prof": "Professor",
    "St": "Saint",
    "Mt": "Mount",
    "Gen": "General",
    "Gov": "Governor",
    "Sen": "Senator",
    "Capt": "Captain",
    "Lt": "Lieutenant",
    "Col": "Colonel",
    "Sgt": "Sergeant",
    "Rev": "Reverend",
}
"""Before a name. Voices that split sentences by themselves would end one at the period."""
_ANYWHERE = {
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "vs.": "versus",
    "vs": "versus",
    "approx.": "approximately",
    "incl.": "including",
    "a.k.a.": "also known as",
    "aka": "also known as",
    "Jr.": "Junior",
    "Sr.": "Senior",
    "Inc.": "Incorporated",
    "Ltd.": "Limited",
    "Corp.": "Corporation",
    "Dept.": "Department",
    "dept.": "department",
    "Ave.": "Avenue",
    "Blvd.": "Boulevard",
    "Rd.": "Road",
    "St.": "Street",
    "w/o": "without",
    "w/": "with",
    "Mon.": "Monday",
    "Tue.": "Tuesday",
    "Tues.": "Tuesday",
    "Wed.": "Wednesday",
    "Thu.": "Thursday",
    "Thurs.": "Thursday",
    "Fri.": "Friday",
    "JSON": "Jason",
    "YAML": "yammel",
    "TOML": "tommel",
    "CUDA": "cooda",
    "WIFI": "Wi-Fi",
}
_BEFORE_NUMBERS = {
    "No.": "number",
    "Nos.": "numbers",
    "no.": "number",
    "nos.": "numbers",
    "№": "number",
    "Fig.": "figure",
    "fig.": "figure",
    "Vol.": "volume",
    "vol.": "volume",
    "Ch.": "chapter",
    "ch.": "chapter",
    "Sec.": "section",
    "sec.": "section",
    "p.": "page",
    "pp.": "pages",
    "v.": "version",
    "ca.": "about",
    "c.": "about",
    "#": "number",
    "§": "section",
}


def _any_of(words: dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_TITLE = re.compile(rf"(?<![\w.])({_any_of(_TITLES)})\.?(?= [A-Z])")
_ABBREVIATION = re.compile(rf"(?<![\w.])({_any_of(_ANYWHERE)})(?:(?<=/)|(?!\w))")
_NUMBERED = re.compile(rf"(?<![\w.])({_any_of(_BEFORE_NUMBERS)}) ?(?=[0-9])")


def speak(text: str) -> str:
    """Write abbreviations out: e.g. -> for example, Dr. Smith -> Doctor Smith, No. 5 -> number 5."""
    text = _TITLE.sub(lambda match: _TITLES[match[1]], text)
    text = _NUMBERED.sub(lambda match: f"{_BEFORE_NUMBERS[match[1]]} ", text)
    return _ABBREVIATION.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    words = _ANYWHERE[match[1]]
    if match[1].endswith("/") and not match.string.startswith(" ", match.end()):
        words += " "
    ends_text = match.end() == len(match.string.rstrip())
    return f"{words}." if ends_text and match[1].endswith(".") else words
