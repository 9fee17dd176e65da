"""The table of language model engines."""

from __future__ import annotations

from modules.llm.base import LanguageModel
from modules.registry import Registry

LANGUAGE_MODELS: Registry[LanguageModel] = Registry(
    "language model engine",
    {
        "llama-cpp": "modules.llm.llama_cpp:LlamaCpp",
        "openai": "modules.llm.openai_compatible:OpenAICompatible",
    },
)
