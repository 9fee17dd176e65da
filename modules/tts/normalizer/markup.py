"""Removal of what is for the eye only: markdown, HTML, emoji."""

from __future__ import annotations

import html
import re
import unicodedata

from modules.tts.fences import CodeFenceFilter

_RULE = re.compile(r"^[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:=[ \t]*){3,})$", re.MULTILINE)
_TABLE_RULE = re.compile(r"^[ \t]*+\|?[ \t]*+:?-{2,}+[-:| \t]*+$", re.MULTILINE)
_LINE_PREFIX = re.compile(r"^[ \t]*(?:>[ \t]?)*(?:#{1,6}[ \t]+|[-*+•–][ \t]+(?:\[[ xX]\][ \t]+)?)?", re.MULTILINE)
_HEADING_END = re.compile(r"(?<![ \t])[ \t]++#++[ \t]*+$", re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\([^()\s]*\)")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*(?:[ \t]+\"[^\"\n]*\")?\)")
_REFERENCE = re.compile(r"(?<=\])\[[^\[\]]*\]|\[\^[^\[\]\s]*\]")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
_ADDRESS_IN_BRACKETS = re.compile(r"<(?:mailto:)?([^<>\s]{1,200}[.@][^<>\s]{1,200})>")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS = re.compile(
    r"\*{2,}|~~+|(?<!\w)_++(?=\w)|(?:(?<=[^\W_])|(?<=[.,!?]))_++(?!\w)|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)"
)
_UNENDED_LINE = re.compile(r"(?<=[^\W_])([\"')\]”’]*)[ \t]*\n+")


def _is_silent(character: str) -> bool:
    """Whether it is an emoji or a part of one, or a character that no voice should see, such as a null."""
    code = ord(character)
    if code < 0x200B:
        return code < 0x20 and character not in "\n\t"
    return (
        0x1F000 <= code <= 0x1FAFF
        or 0x2300 <= code <= 0x27BF
        or 0x2B00 <= code <= 0x2BFF
        or 0xD800 <= code <= 0xDFFF
        or 0xE0000 <= code <= 0xE007F
        or code in (0x200B, 0x200D, 0x2060, 0x20E3, 0x3030, 0x303D, 0xFE0E, 0xFE0F, 0xFEFF)
    )


def strip(text: str) -> str:
    """Remove markdown, HTML and emoji, keep the words; lines become sentences of one line.

    Fenced code blocks are dropped with their content, code within a line keeps its content, links keep their text.
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    fences = CodeFenceFilter()
    text = fences.feed(text) + fences.flush()
    text = _RULE.sub("", _TABLE_RULE.sub("", text))
    text = _HEADING_END.sub("", _LINE_PREFIX.sub("", text))
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    text = _TAG.sub(" ", _ADDRESS_IN_BRACKETS.sub(r"\1", _REFERENCE.sub("", text)))
    text = _EMPHASIS.sub("", _ESCAPED.sub(r"\1", html.unescape(text).replace("`", "")))
    text = "".join(" " if _is_silent(character) else character for character in text)
    return _UNENDED_LINE.sub(r"\1. ", text.strip()).replace("\n", " ")
