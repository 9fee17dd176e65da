from __future__ import annotations

import subprocess
import sys

import pytest

from modules.registry import UnknownEngineError
from modules.stt.registry import TRANSCRIBERS


@pytest.mark.parametrize("name", ["faster-whisper", "moonshine"])
def test_engines_are_built_by_name(name: str) -> None:
    engine = TRANSCRIBERS.create(name, model="embedded", threads=1)
    assert engine.name == name


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownEngineError, match="Choose one of: faster-whisper, moonshine"):
        TRANSCRIBERS.create("whispering")


def test_building_an_engine_imports_no_native_library() -> None:
    code = (
        "import sys; from modules.stt.registry import TRANSCRIBERS as t; [t.create(name) for name in t.names()];"
        "print(sys.modules.keys() & {'ctranslate2', 'tokenizers', 'onnxruntime', 'faster_whisper', 'huggingface_hub'})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
