"""Queries in the languages of the indexes, and the part of a text that is shown."""

from __future__ import annotations

import pytest

from modules.history.words import SNIPPET_CHARACTERS, fold, fts5_query, snippet, ts_query


@pytest.mark.parametrize(
    ("query", "fts5", "ts"),
    [
        ("hello", '"hello"*', "'hello':*"),
        ("Hello  WORLD", '"Hello" AND "WORLD"*', "'hello' & 'world':*"),
        ('say "hi"', '"say" AND """hi"""*', "'say' & 'hi':*"),
        ("don't", '"don\'t"*', "'don' & 't':*"),
        ("a\\'b", '"a\\\'b"*', "'a' & 'b':*"),
        ("Ёлка", '"Елка"*', "'елка':*"),
        ("crème", '"crème"*', "'creme':*"),
        ("x\0y", '"x" AND "y"*', "'x' & 'y':*"),
        ("... !", "", ""),
        ("", "", ""),
    ],
)
def test_queries(query: str, fts5: str, ts: str) -> None:
    assert (fts5_query(query), ts_query(query)) == (fts5, ts)


def test_folding_knows_where_each_character_comes_from() -> None:
    folded, origins = fold("ÀﬁẞÉx")
    assert folded == "afißex".replace("ß", "ß")
    assert origins == [0, 1, 1, 2, 3, 4]
    assert fold("Abc") == ("abc", [0, 1, 2])


def test_a_snippet_is_the_part_around_the_first_word() -> None:
    text = "one two three " * 30 + "the needle is here\nand goes on " + "four five six " * 30
    found, marks = snippet(("nothing", text), "NEEDLE")
    assert [found[start:end] for start, end in marks] == ["needle"]
    assert found.startswith("…")
    assert found.endswith("…")
    assert "here and goes" in found
    assert len(found) <= SNIPPET_CHARACTERS + 2
    assert marks[0][0] <= 42


def test_every_word_of_a_snippet_is_marked_but_none_beyond_it() -> None:
    found, marks = snippet(("apple pear apple " * 50,), "pear apple")
    assert {found[start:end] for start, end in marks} == {"apple", "pear"}
    assert len(marks) == len(found.rstrip("…").split()) - (not found.rstrip("…").endswith(("apple ", "pear ")))


def test_only_whole_words_are_marked_but_the_last_may_go_on() -> None:
    found, marks = snippet(("carpet car scar careful",), "car car")
    assert [found[start:end] for start, end in marks] == ["carpet", "car", "careful"]
    found, marks = snippet(("carpet car scar careful",), "car x")
    assert [found[start:end] for start, end in marks] == ["car"]


def test_without_a_word_the_beginning_is_shown() -> None:
    assert snippet(("the beginning", "the rest"), "absent") == ("the beginning", ())
    assert snippet(("the beginning", "the rest"), "!") == ("the beginning", ())
    assert snippet(("", ""), "x") == ("", ())


def test_a_very_long_word_is_cut() -> None:
    found, marks = snippet(("a" * 1000,), "aaa")
    assert found == "a" * SNIPPET_CHARACTERS + "…"
    assert marks == ()
