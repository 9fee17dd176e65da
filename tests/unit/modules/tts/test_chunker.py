from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.tts.boundaries import PAUSE_COLON, PAUSE_COMMA, PAUSE_SENTENCE
from modules.tts.chunker import MAX_CHARACTERS, MAX_WORDS, Clause, ClauseChunker

TEXT_WITH_EVERYTHING = (
    "the house is big and we said that it was 3.5 or 1,000 at 10:30 Dr. Smith e.g. U.S. https://a.b/c?d=e. "
    'me@x.org file.txt well... (so) "yes" no, why? go! then; so: a—b [link, it](http://x.y) `code, it` 你好。 I. 7.'
)
WORDS = TEXT_WITH_EVERYTHING.split()
TEXT = st.lists(st.sampled_from([*WORDS, "\n", "...", "—", "- "]), max_size=60).map(" ".join)
ANYTHING = st.text(alphabet=" \nabA1.,;:!?—–\"'()[]`*~。，…", max_size=80)


def _chunked(pieces: list[str]) -> list[Clause]:
    chunker = ClauseChunker()
    return [*(clause for piece in pieces for clause in chunker.feed(piece)), *chunker.flush()]


def _texts(text: str) -> list[str]:
    return [clause.text for clause in _chunked([text])]


def _visible(text: str) -> str:
    return "".join(text.split())


def _cut(text: str, seed: int) -> list[str]:
    places = sorted(random.Random(seed).choices(range(len(text) + 1), k=8))
    return [text[begin:end] for begin, end in zip([0, *places], [*places, len(text)], strict=True)]


def test_the_first_clause_goes_out_at_the_first_mark() -> None:
    chunker = ClauseChunker()
    assert chunker.feed("Well,") == []
    assert chunker.feed(" the") == [Clause(0, "Well,", PAUSE_COMMA)]


def test_a_space_behind_a_full_stop_completes_the_first_clause() -> None:
    chunker = ClauseChunker()
    assert chunker.feed("It is noon.") == []
    assert chunker.feed(" ") == [Clause(0, "It is noon.", PAUSE_SENTENCE)]


def test_later_clauses_are_whole_sentences() -> None:
    text = "Yes. In Rome, it is noon. In Paris, as you know, it is noon as well. Bye."
    assert _texts(text) == ["Yes.", "In Rome, it is noon.", "In Paris, as you know, it is noon as well.", "Bye."]


def test_long_sentences_are_cut_at_their_clauses() -> None:
    text = (
        "Yes. On Monday we will go to the sea, and then we stay there. "
        "On Tuesday in the early afternoon we will all come back by train from the sea, and then we go home."
    )
    assert _texts(text) == [
        "Yes.",
        "On Monday we will go to the sea,",
        "and then we stay there.",
        "On Tuesday in the early afternoon we will all come back by train from the sea,",
        "and then we go home.",
    ]


def test_pauses_follow_the_punctuation_and_the_last_has_none() -> None:
    pauses = [clause.pause_s for clause in _chunked(["Well, I went there: it was a big town. Nice\nYes."])]
    assert pauses == [PAUSE_COMMA, PAUSE_SENTENCE, PAUSE_SENTENCE, 0.0]
    assert [clause.pause_s for clause in _chunked(["So: yes"])] == [PAUSE_COLON, 0.0]


def test_a_sentence_without_punctuation_is_cut_before_a_conjunction() -> None:
    text = " ".join(["word"] * 20 + ["and"] + ["word"] * 20)
    first, second = _texts(text)
    assert first == " ".join(["word"] * 20)
    assert second.startswith("and word")


def test_a_sentence_without_any_hint_is_cut_at_a_space() -> None:
    lengths = [len(text.split()) for text in _texts("word " * 70)]
    assert lengths == [MAX_WORDS, MAX_WORDS, 10]


def test_an_overlong_clause_is_cut_at_the_mark_before() -> None:
    text = "Yes. One two three, " + "word " * 40
    assert _texts(text)[1] == "One two three,"


def test_text_without_spaces_is_cut_as_the_last_resort() -> None:
    assert [len(text) for text in _texts("x" * 700)] == [MAX_CHARACTERS, MAX_CHARACTERS, 100]


def test_numbers_names_and_addresses_stay_whole() -> None:
    text = "Dr. Smith pays $1,000.50 at 10:30, e.g. to me@x.org, on https://a.b/c,d. Done."
    assert _texts(text) == ["Dr. Smith pays $1,000.50 at 10:30,", "e.g. to me@x.org, on https://a.b/c,d.", "Done."]


def test_the_mark_at_the_end_of_a_piece_waits_for_the_next() -> None:
    assert [clause.text for clause in _chunked(["It is 3.", "5 now, or 1,", "000."])] == ["It is 3.5 now,", "or 1,000."]


def test_code_blocks_are_not_spoken() -> None:
    assert _texts("Like this:\n```python\nprint(1). And so on.\n```\nDone.") == ["Like this:", "Done."]


@pytest.mark.parametrize("text", ["", "  \n\n", "...", "— * #", "```\ncode\n```"])
def test_what_has_no_words_is_dropped(text: str) -> None:
    assert _chunked([text]) == []


def test_dropped_text_takes_no_index() -> None:
    assert _chunked(["Yes.\n***\nNo.\n"]) == [Clause(0, "Yes.", PAUSE_SENTENCE), Clause(1, "No.", PAUSE_SENTENCE)]


def test_the_last_clause_has_no_pause_even_if_marks_follow() -> None:
    chunker = ClauseChunker()
    assert chunker.feed("One two") == []
    assert chunker.flush() == [Clause(0, "One two", 0.0)]


def test_a_chunker_is_ready_for_another_text_after_flush() -> None:
    chunker = ClauseChunker()
    chunker.feed("First, second [")
    chunker.flush()
    assert chunker.feed("Again, and") == [Clause(0, "Again,", PAUSE_COMMA)]


@given(st.one_of(TEXT, ANYTHING), st.integers())
def test_the_pieces_do_not_matter(text: str, seed: int) -> None:
    assert _chunked(_cut(text, seed)) == _chunked([text])
    assert _chunked(list(text)) == _chunked([text])


@given(TEXT)
def test_no_word_is_lost_or_changed(text: str) -> None:
    clauses = _chunked([text])
    spoken = [character for clause in clauses for character in clause.text if character.isalnum()]
    assert spoken == [character for character in text if character.isalnum()]
    assert all(_visible(clause.text) in _visible(text) for clause in clauses)


@given(st.lists(st.sampled_from([word for word in WORDS if any(map(str.isalnum, word))]), max_size=60))
def test_joined_clauses_are_the_text(words: list[str]) -> None:
    text = " ".join(words)
    assert _visible("".join(clause.text for clause in _chunked([text]))) == _visible(text)


@given(st.one_of(TEXT, ANYTHING))
def test_clauses_are_numbered_short_and_speakable(text: str) -> None:
    clauses = _chunked([text])
    assert [clause.index for clause in clauses] == list(range(len(clauses)))
    for clause in clauses:
        assert len(clause.text.split()) <= MAX_WORDS
        assert clause.text == clause.text.strip()
        assert any(map(str.isalnum, clause.text))
