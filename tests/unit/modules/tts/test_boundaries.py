from __future__ import annotations

import pytest

from modules.tts.boundaries import (
    PAUSE_COLON,
    PAUSE_COMMA,
    PAUSE_SENTENCE,
    Boundary,
    NeedMore,
    boundary_at,
    joint_at,
)


def _first(text: str, *, eager: bool = False, final: bool = False) -> Boundary | None:
    """The boundary at the last mark of the part before "|", which is taken out."""
    before, _, after = text.partition("|")
    at = next(index for index in reversed(range(len(before))) if not before[index].isalnum())
    return boundary_at(before + after, at, final=final, eager=eager)


@pytest.mark.parametrize(
    ("text", "pause"),
    [("Well,| yes", PAUSE_COMMA), ("So:| yes", PAUSE_COLON), ("So;| yes", PAUSE_COLON), ("你好，|世", PAUSE_COMMA)],
)
def test_a_mark_within_a_sentence_ends_a_clause(text: str, pause: float) -> None:
    assert _first(text) == Boundary(text.index("|"), pause, sentence=False)


@pytest.mark.parametrize("text", ["It is.| Yes", "What?| No", "Go!| Now", "Well...| Yes", "Really?!| Yes", "好。|世"])
def test_a_full_stop_ends_a_sentence(text: str) -> None:
    assert _first(text) == Boundary(text.index("|"), PAUSE_SENTENCE, sentence=True)


def test_a_line_break_ends_a_sentence() -> None:
    assert boundary_at("no mark\nnext", 7, final=False, eager=False) == Boundary(8, PAUSE_SENTENCE, sentence=True)


@pytest.mark.parametrize("text", ['He said "no."| Then', "(It is.)| Then", "*No.*| Then", "「好。」|世"])
def test_closing_marks_belong_to_the_clause(text: str) -> None:
    plain = text.replace("|", "")
    at = next(index for index, character in enumerate(plain) if character in ".。")
    boundary = boundary_at(plain, at, final=False, eager=False)
    assert boundary is not None
    assert boundary.end == text.index("|")


@pytest.mark.parametrize(
    "text",
    ["3.|5", "1,|000", "10:|30", "https:|//x", "a.|b@c", "file.|txt", "what?|x", "10–|12", "-—|-", "e.|g"],
)
def test_marks_inside_words_and_numbers_end_nothing(text: str) -> None:
    assert _first(text) is None


@pytest.mark.parametrize(
    "text",
    ["Dr.| Smith", "see e.g.| this", "the U.S.| Army", "J.| Rowling", "at 5 p.m.| we", "No.| 5", "Dec.| 5", "(Mr.| X"],
)
def test_the_period_of_an_abbreviation_ends_nothing(text: str) -> None:
    assert _first(text, eager=True) is None


@pytest.mark.parametrize(
    "text", ["at 5 p.m.| We", "No.| It", "and so on, etc.| The", "So do I.| You", "It is 3.| Then"]
)
def test_a_word_like_an_abbreviation_may_end_a_sentence(text: str) -> None:
    boundary = _first(text)
    assert boundary is not None
    assert boundary.sentence


def test_the_number_of_a_list_item_ends_nothing() -> None:
    assert _first("1.| Wash") is None
    assert _first(" 12.| Wash") is None


def test_a_small_letter_goes_on_with_the_sentence_unless_eager() -> None:
    assert boundary_at('"Really?" he', 7, final=False, eager=False) == Boundary(9, PAUSE_SENTENCE, sentence=False)
    assert boundary_at('"Really?" he', 7, final=False, eager=True) == Boundary(9, PAUSE_SENTENCE, sentence=True)


@pytest.mark.parametrize("text", ["so — yes", "so—yes", "so – yes"])
def test_dashes_end_clauses(text: str) -> None:
    at = next(index for index, character in enumerate(text) if character in "—–")
    assert boundary_at(text, at, final=False, eager=False) == Boundary(at + 1, PAUSE_COLON, sentence=False)


def test_a_dash_at_the_beginning_is_a_list_item() -> None:
    assert boundary_at("– item", 0, final=False, eager=False) is None


@pytest.mark.parametrize("text", ["[see a,| b", "`f(a,| b", "`a.| B"])
def test_links_and_code_are_not_cut(text: str) -> None:
    assert _first(text, eager=True) is None


@pytest.mark.parametrize("text", ["so,", "so.", "so..", 'so."', "so.  ", "so—", "etc. ", "No. ", "U.S. "])
def test_what_follows_may_have_to_be_awaited(text: str) -> None:
    at = next(index for index, character in enumerate(text) if character in ",.—")
    at = text.rindex(".") if text.startswith("U") else at
    with pytest.raises(NeedMore):
        boundary_at(text, at, final=False, eager=False)


def test_a_space_decides_when_eager() -> None:
    assert boundary_at("So. ", 2, final=False, eager=True) == Boundary(3, PAUSE_SENTENCE, sentence=True)


@pytest.mark.parametrize("text", ["so,", "so.", "so—"])
def test_nothing_is_awaited_at_the_end(text: str) -> None:
    boundary = boundary_at(text, 2, final=True, eager=False)
    assert boundary is not None
    assert boundary.end == 3


def test_ordinary_characters_end_nothing() -> None:
    assert boundary_at("word", 2, final=False, eager=False) is None


def _joint(text: str, *, final: bool = False) -> Boundary | None:
    """What is made of the word behind "|", which is taken out."""
    return joint_at(text.replace("|", ""), text.index("|"), final=final)


@pytest.mark.parametrize("text", ["we ate |and then we ", "It fell |Because it was ", "(it) |or the other one"])
def test_a_clause_may_be_cut_before_a_joint(text: str) -> None:
    assert _joint(text) == Boundary(text.index("|"), 0.0, sentence=False)


@pytest.mark.parametrize(
    "text",
    [
        "|and then we ",
        "we ate |andouille is ",
        "we ate |nothing then we ",
        "we ate |and 3.5 of ",
        "we ate |and drank. Then ",
        "we ate |and then, as ",
        "see [it |and then we ",
        "we |and " + 70 * "x",
    ],
)
def test_other_words_and_crumbs_are_not_cut_off(text: str) -> None:
    assert _joint(text) is None


@pytest.mark.parametrize("text", ["we |a", "we |and", "we |and ", "we |and then", "we |and then w"])
def test_a_joint_waits_for_the_words_behind_it(text: str) -> None:
    with pytest.raises(NeedMore):
        _joint(text)
    assert _joint(text, final=True) is None
