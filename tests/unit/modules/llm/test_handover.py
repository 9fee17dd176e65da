from __future__ import annotations

import pytest

from modules.llm.base import GenerationOptions, LanguageModelCapabilities, Message
from modules.llm.handover import Seam, continued, open_thought
from tests.fakes.engines import FakeLanguageModel

QUESTION = [Message("system", "Be short."), Message("user", "What is the capital of France?")]


def join(said: str, written: str, *, exact: bool = False, size: int = 3) -> str:
    """The answer when `written` comes in pieces of so many characters."""
    seam = Seam(said, exact=exact)
    pieces = [written[start : start + size] for start in range(0, len(written), size)]
    return said + "".join(seam.feed(piece) for piece in pieces) + seam.finish()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("said", "written", "whole"),
    [
        # It goes on, as it should.
        ("The capital of France is", " Paris.", "The capital of France is Paris."),
        ("The capital of France is ", "Paris.", "The capital of France is Paris."),
        ("The capital of France is ", " Paris.", "The capital of France is Paris."),
        ("It is Paris.", " It is big.", "It is Paris. It is big."),
        # It repeats the end of what was said.
        ("The capital of France is", "is Paris.", "The capital of France is Paris."),
        ("The capital of France is", "of France is Paris.", "The capital of France is Paris."),
        (
            "The capital of France is Paris.",
            "France is Paris. It is big.",
            "The capital of France is Paris. It is big.",
        ),
        ("It is Paris. ", "It is Paris. It is big.", "It is Paris. It is big."),
        # It begins again, with other capitals and spaces.
        ("The capital of France", "the  capital of France is Paris.", "The capital of France is Paris."),
        # The last word was cut off.
        ("The capital of Fra", "France is Paris.", "The capital of France is Paris."),
        ("The capital of Fra", "The capital of France is Paris.", "The capital of France is Paris."),
        # It had nothing to add.
        ("The capital of France is Paris.", "The capital of France is Paris.", "The capital of France is Paris."),
        ("The capital of France is Paris.", "The capital of France", "The capital of France is Paris."),
        ("It is Paris", ".", "It is Paris."),
        ("It is Paris.", "", "It is Paris."),
    ],
)
def test_nothing_is_said_twice_and_nothing_is_lost(said: str, written: str, whole: str, size: int) -> None:
    assert join(said, written, size=size) == whole


def test_a_word_that_begins_like_one_that_was_said_is_kept() -> None:
    assert join("It is Paris.", " Paris is big.") == "It is Paris. Paris is big."
    assert join("I know that", " that is so.", exact=True) == "I know that that is so."


def test_what_goes_on_exactly_may_complete_a_word() -> None:
    assert join("The capital of Fra", "nce is Paris.", exact=True) == "The capital of France is Paris."


def test_a_long_repetition_is_none_even_of_a_model_that_goes_on_exactly() -> None:
    said = "The capital of France is"
    assert join(said, " The capital of France is Paris.", exact=True) == "The capital of France is Paris."


def test_a_word_that_is_new_is_held_back_for_one_piece_only() -> None:
    seam = Seam("The capital of France is", exact=False)
    assert seam.feed(" Par") == " Par"
    assert seam.feed("is") == "is"


def test_two_words_do_not_run_together() -> None:
    assert join("The capital", "was moved.") == "The capital was moved."


@pytest.mark.parametrize(
    ("raw", "closing"),
    [
        ("", ""),
        ("Paris", ""),
        ("<think>Let me see", "</think>"),
        ("\n<think>", "</think>"),
        ("<thi", "nk></think>"),
        ("<think>Done.</think>", ""),
        ("<b>", ""),
    ],
)
def test_a_thought_that_broke_off_is_closed(raw: str, closing: str) -> None:
    assert open_thought(raw) == closing


def _model(*, exact: bool, context: int = 2048) -> FakeLanguageModel:
    return FakeLanguageModel(
        capabilities=LanguageModelCapabilities(context_tokens=context, local=True, continues_replies=exact)
    )


def test_a_model_that_can_goes_on_from_the_very_words() -> None:
    prompt = continued(QUESTION, "The capital of Fra", _model(exact=True), GenerationOptions())
    assert prompt == [*QUESTION, Message("assistant", "The capital of Fra")]
    prompt = continued(QUESTION, "The capital of ", _model(exact=True), GenerationOptions())
    assert prompt[-1].content == "The capital of"


def test_another_is_asked_to_go_on_after_the_last_whole_word() -> None:
    prompt = continued(QUESTION, "The capital of Fra", _model(exact=False), GenerationOptions())
    assert prompt[:2] == QUESTION
    assert prompt[2] == Message("assistant", "The capital of")
    assert prompt[3].role == "user"
    assert "repeat nothing" in prompt[3].content
    prompt = continued(QUESTION, "It is Paris.", _model(exact=False), GenerationOptions())
    assert prompt[2] == Message("assistant", "It is Paris.")


def test_a_first_word_that_was_cut_off_is_as_good_as_none() -> None:
    assert continued(QUESTION, "Par", _model(exact=False), GenerationOptions()) == QUESTION


def test_the_oldest_turns_go_when_the_context_is_too_small() -> None:
    talk = [QUESTION[0]]
    for number in range(10):
        talk += [Message("user", f"Question {number} " * 10), Message("assistant", f"Answer {number} " * 10)]
    talk.append(QUESTION[1])
    model = _model(exact=True, context=200)
    prompt = continued(talk, "It is", model, GenerationOptions(max_tokens=50))
    assert model.count_tokens(prompt) <= 150
    assert [prompt[0], *prompt[-2:]] == [QUESTION[0], QUESTION[1], Message("assistant", "It is")]
    assert prompt[1].role == "user"
    tiny = continued(talk, "It is", _model(exact=True, context=10), GenerationOptions(max_tokens=5))
    assert tiny == [*QUESTION, Message("assistant", "It is")]
