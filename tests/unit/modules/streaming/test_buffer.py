from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.streaming.buffer import StreamBuffer
from modules.tts.chunker import Clause, FlushSizes
from tests.unit.modules.streaming.simulator import Fixed

WHOLE_WORDS = (
    "3.14", "1,000", "1,000,000.50", "10:30", "3:05", "e.g.", "i.e.", "Dr. Smith", "Mrs. Jones", "U.S.", "Ph.D.",
    "https://a.b/c,d?e=f.g", "www.arvis.example", "me.too@mail.example.org", "well...", "v1.2.3", "192.168.0.1",
    "$4.50", "5 p.m.", "No. 7", "file.tar.gz",
)  # fmt: skip
PLAIN = ("we", "and", "because", "which", "the", "house,", "big.", "so", "why?", "then;", "or", "(yes)", "on:", "go!")
TEXT = st.lists(st.sampled_from(WHOLE_WORDS + PLAIN), max_size=50).map(" ".join)
SIZES = st.builds(
    FlushSizes,
    st.lists(st.integers(1, 14), min_size=1, max_size=3).map(tuple),
    st.one_of(st.none(), st.integers(1, 10)),
)


class Restless:
    """Sizes that change at each look."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def sizes(self, words: int) -> FlushSizes:
        return FlushSizes((self._random.randint(1, 14),), self._random.choice([None, 1, 5]))

    def gave(self, words: int) -> None:
        pass


def _buffered(pieces: list[str], sizes: FlushSizes) -> list[Clause]:
    return _drained(StreamBuffer(Fixed(sizes)), pieces)


def _drained(buffer: StreamBuffer, pieces: list[str]) -> list[Clause]:
    return [*(clause for piece in pieces for clause in buffer.feed(piece)), *buffer.flush()]


def _cut(text: str, seed: int) -> list[str]:
    places = sorted(random.Random(seed).choices(range(len(text) + 1), k=8))
    return [text[begin:end] for begin, end in zip([0, *places], [*places, len(text)], strict=True)]


def _visible(text: str) -> str:
    return "".join(text.split())


@given(TEXT, SIZES, st.integers())
def test_the_pieces_do_not_matter_while_sizes_stay(text: str, sizes: FlushSizes, seed: int) -> None:
    whole = _buffered([text], sizes)
    assert _buffered(_cut(text, seed), sizes) == whole
    assert _buffered(list(text), sizes) == whole


@given(TEXT, SIZES)
def test_joined_clauses_are_the_text(text: str, sizes: FlushSizes) -> None:
    assert _visible("".join(clause.text for clause in _buffered(list(text), sizes))) == _visible(text)


@given(TEXT, st.integers())
def test_joined_clauses_are_the_text_while_sizes_change(text: str, seed: int) -> None:
    clauses = _drained(StreamBuffer(Restless(seed)), list(text))
    assert _visible("".join(clause.text for clause in clauses)) == _visible(text)
    assert [clause.index for clause in clauses] == list(range(len(clauses)))


@pytest.mark.parametrize("word", WHOLE_WORDS)
@pytest.mark.parametrize("sizes", [FlushSizes(), FlushSizes((1,), 1)], ids=["whole", "hurried"])
def test_what_belongs_together_stays_together(word: str, sizes: FlushSizes) -> None:
    text = f"There we saw that {word} of them, which is so much more than {word} and then again {word} and more of it."
    clauses = _buffered(list(text), sizes)
    assert sum(clause.text.count(word) for clause in clauses) == 3, [clause.text for clause in clauses]


def test_in_a_hurry_a_sentence_is_cut_before_a_joint() -> None:
    text = "We went down to the old town because the weather was fine and warm. Then we ate and drank."
    assert [clause.text for clause in _buffered([text], FlushSizes((1,), 5))] == [
        "We went down to the old town",
        "because the weather was fine and warm.",
        "Then we ate and drank.",
    ]


def test_no_joint_is_taken_within_brackets_or_code() -> None:
    text = "See [the old town and the new one](http://x.y) for it."
    assert len(_buffered([text], FlushSizes((1,), 1))) == 1


def test_when_the_hurry_begins_the_mark_that_was_passed_is_taken() -> None:
    class Hurry(Fixed):
        pass

    pace = Hurry(FlushSizes((5,)))
    buffer = StreamBuffer(pace)
    assert buffer.feed("As we know, it") == []
    pace.flush = FlushSizes((3,))
    assert [clause.text for clause in buffer.feed(" is")] == ["As we know,"]


def test_each_clause_is_told_with_its_words() -> None:
    told: list[int] = []

    class Listening(Fixed):
        def gave(self, words: int) -> None:
            told.append(words)

    _drained(StreamBuffer(Listening()), ["Well, this is it. ", "And this is the rest"])
    assert told == [1, 3, 5]


def test_the_size_of_the_next_clause_is_asked_with_the_words_that_are_there() -> None:
    asked: list[int] = []

    class Asking(Fixed):
        def sizes(self, words: int) -> FlushSizes:
            asked.append(words)
            return super().sizes(words)

    StreamBuffer(Asking()).feed("Yes. We can")
    assert asked == [3, 2]
