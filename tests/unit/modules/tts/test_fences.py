from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.tts.fences import CodeFenceFilter


def _filtered(pieces: list[str]) -> str:
    fences = CodeFenceFilter()
    return "".join([*(fences.feed(piece) for piece in pieces), fences.flush()])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain text", "plain text"),
        ("one\ntwo\n", "one\ntwo\n"),
        ("before\n```\ncode\n```\nafter", "before\nafter"),
        ("before\n```python\ncode\n```\nafter", "before\nafter"),
        ("~~~\ncode\n~~~\nafter", "after"),
        ("  ```\n  code\n  ```\nafter", "after"),
        ("````\n```\ncode\n````\nafter", "after"),
        ("```\ncode\n~~~\ncode\n```\nafter", "after"),
        ("```\ncode\n```not the end\n```\nafter", "after"),
        ("```\nnever closed", ""),
        ("```python", ""),
        ("```inline``` code", "```inline``` code"),
        ("text ``` text", "text ``` text"),
        ("`", "`"),
        ("``x``", "``x``"),
        ("~5 people", "~5 people"),
        (" " * 20 + "```\ndeep", " " * 20 + "```\ndeep"),
        ("", ""),
    ],
)
def test_code_blocks_are_left_out(text: str, kept: str) -> None:
    assert _filtered([text]) == kept
    assert _filtered(list(text)) == kept


def test_ordinary_text_is_not_held_back() -> None:
    fences = CodeFenceFilter()
    assert fences.feed("Hel") == "Hel"
    assert fences.feed("lo `x") == "lo `x"


def test_a_filter_is_ready_for_another_text_after_an_open_block() -> None:
    fences = CodeFenceFilter()
    assert fences.feed("```\ncode") + fences.flush() == ""
    assert fences.feed("text") == "text"


@given(st.lists(st.text(alphabet="`~ \nab", max_size=8), max_size=20))
def test_the_pieces_do_not_matter(pieces: list[str]) -> None:
    assert _filtered(pieces) == _filtered(["".join(pieces)])
