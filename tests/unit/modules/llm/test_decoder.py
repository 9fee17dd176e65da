from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from modules.llm.base import GenerationOptions
from modules.llm.decoder import Decoder

OPTIONS = GenerationOptions()
END = 0


class ByteModel:
    """Each byte is a token. It says `answer` after any prompt, and checks that its memory is what it should be."""

    batch_tokens = 4

    def __init__(self, answer: str | bytes = "", *, forgets_in_part: bool = True) -> None:
        self.answer = answer.encode() if isinstance(answer, str) else answer
        self.forgets_in_part = forgets_in_part
        self.memory: list[int] = []
        self.batches: list[list[int]] = []
        self.samplers = 0
        self.on_evaluate: Callable[[], None] = lambda: None

    def evaluate(self, tokens: Sequence[int]) -> None:
        assert 0 < len(tokens) <= self.batch_tokens
        self.memory += tokens
        self.batches.append(list(tokens))
        self.on_evaluate()

    def keep(self, count: int) -> bool:
        if 0 < count < len(self.memory) and not self.forgets_in_part:
            return False
        del self.memory[count:]
        return True

    def cut(self, start: int, end: int) -> bool:
        assert 0 <= start < end < len(self.memory)
        if self.forgets_in_part:
            del self.memory[start:end]
        return self.forgets_in_part

    @contextmanager
    def sampler(self, options: GenerationOptions) -> Iterator[Callable[[], int]]:
        answer = iter(self.answer)
        self.samplers += 1
        yield lambda: next(answer, END)
        self.samplers -= 1

    def piece(self, token: int) -> bytes:
        return bytes([token])

    def ends_reply(self, token: int) -> bool:
        return token == END


def say(decoder: Decoder, prompt: str, limit: int = 1000, cancelled: threading.Event | None = None) -> list[str]:
    return list(decoder.reply(list(prompt.encode()), OPTIONS, limit, cancelled or threading.Event()))


def test_the_first_prompt_is_read_in_batches() -> None:
    model = ByteModel("ab")
    decoder = Decoder(model)
    assert say(decoder, "0123456789") == ["a", "b"]
    assert [bytes(batch) for batch in model.batches] == [b"0123", b"4567", b"89", b"a", b"b"]
    assert decoder.evaluated_tokens == 12
    assert model.samplers == 0


def test_the_next_turn_reads_only_what_is_new() -> None:
    model = ByteModel("Paris.")
    decoder = Decoder(model)
    say(decoder, "Capital of France? ")
    before = decoder.evaluated_tokens
    model.answer = b""
    say(decoder, "Capital of France? Paris. Italy?")
    assert decoder.evaluated_tokens - before == len(" Italy?")
    assert bytes(model.memory) == b"Capital of France? Paris. Italy?"


def test_a_repeated_prompt_costs_one_token() -> None:
    model = ByteModel()
    decoder = Decoder(model)
    say(decoder, "Hello")
    model.batches.clear()
    say(decoder, "Hello")
    assert model.batches == [[ord("o")]]


def test_a_model_that_cannot_forget_in_part_reads_all_again() -> None:
    model = ByteModel(forgets_in_part=False)
    decoder = Decoder(model)
    say(decoder, "Hello you")
    say(decoder, "Hello me")
    assert bytes(model.memory) == b"Hello me"
    assert decoder.evaluated_tokens == len("Hello you") + len("Hello me")


def test_characters_are_given_whole() -> None:
    assert "".join(say(Decoder(ByteModel("Zürich 東京 🙂")), "x")) == "Zürich 東京 🙂"
    assert say(Decoder(ByteModel("é東🙂")), "x") == ["é", "東", "🙂"]


def test_a_reply_cut_within_a_character_ends_before_it() -> None:
    assert say(Decoder(ByteModel("a🙂")), "x", limit=3) == ["a"]


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert "".join(say(Decoder(ByteModel(b"a\xffb")), "x")) == "a\ufffdb"


def test_the_limit_is_kept_and_the_last_token_is_not_evaluated() -> None:
    model = ByteModel("abcdef")
    decoder = Decoder(model)
    assert say(decoder, "x", limit=3) == ["a", "b", "c"]
    assert bytes(model.memory) == b"xab"


def test_nothing_is_evaluated_once_the_reply_is_cancelled() -> None:
    model = ByteModel("abcdefgh")
    decoder, cancelled = Decoder(model), threading.Event()
    model.on_evaluate = lambda: cancelled.set() if model.memory[-1] == ord("c") else None
    assert say(decoder, "x", cancelled=cancelled) == ["a", "b", "c", "d"]
    assert bytes(model.memory) == b"xabc"


def test_a_reply_can_be_cancelled_before_its_first_token() -> None:
    model = ByteModel("abc")
    decoder, cancelled = Decoder(model), threading.Event()
    model.on_evaluate = cancelled.set
    assert say(decoder, "0123456789", cancelled=cancelled) == []
    assert bytes(model.memory) == b"0123"
    model.on_evaluate = lambda: None
    assert say(decoder, "0123456789") == ["a", "b", "c"]
    assert decoder.evaluated_tokens == 10 + 3


def test_a_failed_batch_is_forgotten() -> None:
    model = ByteModel("ab")
    decoder = Decoder(model)

    def fail() -> None:
        raise RuntimeError

    model.on_evaluate = fail
    try:
        say(decoder, "01234567")
    except RuntimeError:
        model.on_evaluate = lambda: None
    assert bytes(model.memory) == b"0123"
    assert say(decoder, "01234567") == ["a", "b"]
    assert bytes(model.memory) == b"01234567ab"


def test_reading_ahead_leaves_only_the_rest_to_the_turn() -> None:
    model = ByteModel()
    decoder = Decoder(model)
    assert list(decoder.read(list(b"system"))) == [4, 2]
    model.batches.clear()
    say(decoder, "system user")
    assert [bytes(batch) for batch in model.batches] == [b" use", b"r"]


OLD = "What is the capital of France? Paris. "
KEPT = "How many legs does a spider have? Eight. "


def test_when_the_oldest_turn_is_dropped_the_rest_is_not_read_again() -> None:
    model = ByteModel()
    decoder = Decoder(model)
    say(decoder, f"Be brief. {OLD}{KEPT}")
    before = decoder.evaluated_tokens
    say(decoder, f"Be brief. {KEPT}And a fly?")
    assert decoder.evaluated_tokens - before == len("And a fly?")
    assert bytes(model.memory).decode() == f"Be brief. {KEPT}And a fly?"


def test_a_model_that_cannot_move_what_it_knows_reads_again_what_follows_the_gap() -> None:
    model = ByteModel(forgets_in_part=False)
    decoder = Decoder(model)
    say(decoder, f"Be brief. {OLD}{KEPT}")
    say(decoder, f"Be brief. {KEPT}And a fly?")
    assert bytes(model.memory).decode() == f"Be brief. {KEPT}And a fly?"


def test_short_likenesses_are_no_gap() -> None:
    model = ByteModel()
    decoder = Decoder(model)
    say(decoder, "Be brief. Say this. Say that. Say more.")
    before = decoder.evaluated_tokens
    say(decoder, "Be brief. Say that. Say more.")
    assert decoder.evaluated_tokens - before == len("at. Say more.")


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.text("ab", min_size=1, max_size=90), st.text("ab", max_size=5)), max_size=8), st.booleans()
)
def test_the_memory_is_always_the_prompt_and_the_reply(turns: list[tuple[str, str]], in_part: bool) -> None:
    model = ByteModel(forgets_in_part=in_part)
    decoder = Decoder(model)
    for prompt, answer in turns:
        model.answer = answer.encode()
        assert "".join(say(decoder, prompt)) == answer
        assert bytes(model.memory).decode() == prompt + answer
