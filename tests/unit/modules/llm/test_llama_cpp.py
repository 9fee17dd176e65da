from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modules.llm.base import LanguageModelError, Message
from modules.llm.llama_cpp import LlamaCpp
from modules.llm.openai_compatible import OpenAICompatible
from modules.llm.registry import LANGUAGE_MODELS
from utils.errors import MissingDependencyError

QUESTION = [Message("user", "Hello.")]


def test_the_table_of_engines() -> None:
    assert LANGUAGE_MODELS.names() == ("llama-cpp", "openai")
    assert isinstance(LANGUAGE_MODELS.create("llama-cpp", model="x.gguf", threads=1, context_tokens=512), LlamaCpp)
    assert isinstance(LANGUAGE_MODELS.create("openai", base_url="http://127.0.0.1:1/v1"), OpenAICompatible)


async def test_an_engine_that_is_not_loaded_says_so() -> None:
    model = LlamaCpp()
    await model.close()
    with pytest.raises(LanguageModelError, match="not loaded yet") as counted:
        model.count_tokens(QUESTION)
    with pytest.raises(LanguageModelError, match="not loaded yet"):
        await anext(model.stream(QUESTION))
    with pytest.raises(LanguageModelError, match="not loaded yet"):
        await model.prefill(QUESTION)
    assert counted.value.code == "not-loaded"
    assert counted.value.retryable


def test_before_loading_the_context_is_the_wanted_one() -> None:
    capabilities = LlamaCpp(context_tokens=1234).capabilities
    assert (capabilities.context_tokens, capabilities.local, capabilities.counts_tokens_exactly) == (1234, True, True)


async def test_without_the_package_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF\x03\0\0\0" + b"\x01" + bytes(15) + bytes(100))
    with pytest.raises(MissingDependencyError, match=r"pip install 'arvis\[llama\]'"):
        await LlamaCpp(path).load()


async def test_a_path_below_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(LanguageModelError, match=f"{tmp_path}/nowhere.gguf does not exist"):
        await LlamaCpp("~/nowhere.gguf").load()
