from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.llm.thinking import ThoughtFilter


def filtered(*pieces: str) -> str:
    thoughts = ThoughtFilter()
    return "".join([*map(thoughts.feed, pieces), thoughts.flush()])


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("Paris.", "Paris."),
        ("  Paris.", "  Paris."),
        ("<think>France? Paris!</think>\n\nParis.", "Paris."),
        ("\n<think></think>Paris.", "Paris."),
        ("<think>It never ends", ""),
        ("<think>a</think>b<think>c</think>d", "b<think>c</think>d"),
        ("<thin air", "<thin air"),
        ("<thi", "<thi"),
        ("5 <think> 6", "5 <think> 6"),
        ("", ""),
    ],
)
def test_only_a_thought_at_the_beginning_is_left_out(reply: str, answer: str) -> None:
    assert filtered(reply) == answer
    assert filtered(*reply) == answer


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<", "a", " ", "\n", "think"]), max_size=8).map("".join),
    st.data(),
)
def test_it_does_not_matter_how_a_reply_is_cut_into_pieces(reply: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(reply)), max_size=5)))
    pieces = [reply[start:end] for start, end in zip([0, *cuts], [*cuts, len(reply)], strict=True)]
    assert filtered(*pieces) == filtered(reply)


def test_an_answer_without_a_thought_is_not_held_back() -> None:
    thoughts = ThoughtFilter()
    assert [thoughts.feed("P"), thoughts.feed("aris")] == ["P", "aris"]
