from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.llm.base import LanguageModelError, Message
from modules.llm.llama_cpp import LlamaCpp
from modules.models.embedded import smollm2

LENGTHS = [0, 3, 4, 20, 24, 100, 5_000, 900_000, 1_800_000, 50_000_000, -5_000, -1]
"""Where a download may have broken off: in the header, the metadata, the vocabulary, the weights, at the very end."""


async def load_error(path: Path) -> LanguageModelError:
    model = LlamaCpp(path, threads=1)
    with pytest.raises(LanguageModelError) as caught:
        await model.load()
    with pytest.raises(LanguageModelError, match="not loaded"):
        model.count_tokens([Message("user", "Hello.")])
    return caught.value


async def test_a_truncated_model_is_refused_in_one_sentence_at_any_length(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    shutil.copyfile(smollm2(), path)
    whole = path.stat().st_size
    for length in sorted(LENGTHS, key=lambda length: length % whole, reverse=True):
        with path.open("r+b") as file:
            file.truncate(length % whole)
        error = await load_error(path)
        assert error.code == "damaged-model"
        assert str(path) in error.message


@pytest.mark.parametrize("start", [b"", b"GGUF", b"GGUF\x03\0\0\0\x10\x01\0\0\0\0\0\0\x21\0\0\0\0\0\0\0"])
async def test_random_bytes_are_refused(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "noise.gguf"
    path.write_bytes(start + random.Random(7).randbytes(1_000_000))
    assert (await load_error(path)).code in {"not-a-model", "unsupported-model", "damaged-model"}


async def test_a_model_of_another_kind_is_refused(changed_model: Callable[[bytes, bytes], Path]) -> None:
    path = changed_model(b"\x05\0\0\0\0\0\0\0llama", b"\x05\0\0\0\0\0\0\0lamma")
    assert (await load_error(path)).code == "damaged-model"


async def test_a_model_without_a_chat_template_is_refused(changed_model: Callable[[bytes, bytes], Path]) -> None:
    error = await load_error(changed_model(b"tokenizer.chat_template", b"tokenizer.chat_templatX"))
    assert error.code == "not-a-chat-model"
    assert "Choose an instruct or chat model" in error.message


async def test_a_model_with_a_broken_chat_template_is_refused(changed_model: Callable[[bytes, bytes], Path]) -> None:
    error = await load_error(changed_model(b"{% for message in messages %}", b"{% xor message in messages %}"))
    assert error.code == "bad-template"


async def test_the_next_model_loads_after_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    model = LlamaCpp(path, threads=1)
    with pytest.raises(LanguageModelError, match="does not exist"):
        await model.load()
    path.symlink_to(smollm2())
    await model.load()
    assert model.count_tokens([Message("user", "Hello.")]) > 1
    await model.close()
