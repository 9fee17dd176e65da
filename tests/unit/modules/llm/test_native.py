from __future__ import annotations

import ctypes
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from modules.llm import native
from modules.llm.base import LanguageModelError
from modules.llm.native import NativeModel

PATH = Path("fake.gguf")


class FakeLibrary:
    """Stands in for llama.cpp in states that no real model at hand gets it into."""

    llama_token = ctypes.c_int32
    LLAMA_FLASH_ATTN_TYPE_ENABLED = 1

    def __init__(self, *, context: object = "context", adds_begin: bool = False, bytes_of_model: int = 1 << 30) -> None:
        self.context = context
        self.adds_begin = adds_begin
        self.bytes_of_model = bytes_of_model
        self.freed: list[object] = []
        self.status = 0
        self.shifts = True
        self.removes = True
        self.moves: list[tuple[int, int, int]] = []
        self.parameters = SimpleNamespace()

    def llama_progress_callback(self, function: object) -> object:
        return function

    def llama_model_default_params(self) -> SimpleNamespace:
        return SimpleNamespace()

    def llama_context_default_params(self) -> SimpleNamespace:
        return self.parameters

    def llama_model_load_from_file(self, path: bytes, parameters: object) -> object:
        return "model"

    def llama_init_from_model(self, model: object, parameters: object) -> object:
        return self.context

    def llama_free(self, context: object) -> None:
        self.freed.append(context)

    llama_model_free = llama_free

    def llama_tokenize(self, vocabulary: object, data: bytes, size: int, buffer: Any, *_: object) -> int:
        buffer[:size] = list(data)
        return size

    def llama_token_to_piece(
        self, vocabulary: object, token: int, buffer: Any, size: int, strip: int, special: bool
    ) -> int:
        text = b"x" * token
        if token > size:
            return -token
        buffer[:token] = text
        return token

    def llama_vocab_get_add_bos(self, vocabulary: object) -> bool:
        return self.adds_begin

    def llama_decode(self, context: object, batch: object) -> int:
        return self.status

    def llama_memory_can_shift(self, memory: object) -> bool:
        return self.shifts

    def llama_memory_seq_rm(self, memory: object, sequence: int, start: int, end: int) -> bool:
        return self.removes

    def llama_memory_seq_add(self, memory: object, sequence: int, start: int, end: int, by: int) -> None:
        self.moves.append((start, end, by))

    def __getattr__(self, name: str) -> Any:
        answers: dict[str, object] = {
            "llama_model_get_vocab": "vocabulary",
            "llama_model_chat_template": b"template",
            "llama_model_has_encoder": False,
            "llama_model_n_ctx_train": 0,
            "llama_get_memory": "memory",
            "llama_model_size": self.bytes_of_model,
            "llama_vocab_bos": 7,
            "llama_vocab_eos": -1,
            "llama_batch_get_one": "batch",
        }
        return lambda *_: answers[name]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    fake = FakeLibrary()
    monkeypatch.setattr(native, "_library", lambda: fake)
    return fake


def opened() -> NativeModel:
    return NativeModel(PATH, threads=4, context_tokens=600)


def test_a_context_that_does_not_fit_in_memory_frees_the_model(library: FakeLibrary) -> None:
    library.context = None
    with pytest.raises(
        LanguageModelError, match=r"not enough memory for the model fake\.gguf with a context of 600"
    ) as caught:
        opened()
    assert caught.value.code == "no-context"
    assert library.freed == ["model"]


def test_a_model_that_does_not_tell_its_context_gets_the_wanted_one(library: FakeLibrary) -> None:
    assert opened().context_tokens == 600


@pytest.mark.parametrize(("size", "threads"), [(100 << 20, 1), (1 << 30, 4)])
def test_a_small_model_generates_with_one_thread(library: FakeLibrary, size: int, threads: int) -> None:
    library.bytes_of_model = size
    opened()
    assert (library.parameters.n_threads, library.parameters.n_threads_batch) == (threads, 4)


def test_everything_is_freed_once(library: FakeLibrary) -> None:
    model = opened()
    model.close()
    model.close()
    del model
    assert library.freed == ["context", "model"]


def test_a_model_that_nobody_closed_is_freed_with_its_last_reference(library: FakeLibrary) -> None:
    opened()
    assert library.freed == ["context", "model"]


def test_the_begin_token_is_added_where_the_template_leaves_it_out(library: FakeLibrary) -> None:
    model = opened()
    assert model.tokenize("ab") == [97, 98]
    library.adds_begin = True
    assert model.tokenize("ab") == [7, 97, 98]
    assert model.tokenize("\x07ab") == [7, 97, 98]


@pytest.mark.parametrize("length", [0, 1, 64, 65, 500])
def test_tokens_of_any_length(library: FakeLibrary, length: int) -> None:
    assert opened().piece(length) == b"x" * length


def test_a_token_that_does_not_exist_has_no_text(library: FakeLibrary) -> None:
    assert opened().end_text() == ""


def test_a_failing_evaluation_is_told(library: FakeLibrary) -> None:
    model = opened()
    library.status = -3
    with pytest.raises(LanguageModelError, match="error -3") as caught:
        model.evaluate([1, 2])
    assert (caught.value.code, caught.value.retryable) == ("generation-failed", True)


def test_a_gap_is_closed_only_where_the_memory_can_be_moved(library: FakeLibrary) -> None:
    model = opened()
    assert model.cut(10, 25)
    assert library.moves == [(25, -1, -15)]
    library.removes = False
    assert not model.cut(10, 25)
    library.shifts = False
    assert not model.cut(10, 25)
    assert len(library.moves) == 1


@pytest.mark.parametrize("before", [None, "1000"])
def test_the_waiting_of_threads_is_set_for_the_library_only(
    monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    seen: list[str | None] = []

    def require(name: str, **_: str) -> object:
        seen.append(os.environ.get("GOMP_SPINCOUNT"))
        return SimpleNamespace(llama_backend_init=lambda: None)

    monkeypatch.setattr(native, "require", require)
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    if before is not None:
        monkeypatch.setenv("GOMP_SPINCOUNT", before)
    native._library()
    assert seen == [before or "0"]
    assert os.environ.get("GOMP_SPINCOUNT") == before
