from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

import pytest

from modules.registry import UnknownEngineError
from modules.wake.openwakeword import OpenWakeWord
from modules.wake.registry import WAKE_WORD_DETECTORS


def test_every_detector_can_be_created() -> None:
    assert WAKE_WORD_DETECTORS.names() == ("openwakeword",)
    detector = WAKE_WORD_DETECTORS.create("openwakeword", model="alexa", threshold=0.7, cooldown=1.0)
    assert isinstance(detector, OpenWakeWord)
    assert detector.phrases[0] == "alexa"


def test_an_unknown_one_is_refused() -> None:
    with pytest.raises(UnknownEngineError, match="wake word detector named 'ears'"):
        WAKE_WORD_DETECTORS.create("ears")


def test_the_table_imports_no_engine() -> None:
    code = (
        "import sys, modules.wake.registry, modules.wake.trim;"
        "sys.exit(any(name in sys.modules for name in ('modules.wake.openwakeword', 'onnxruntime', 'openwakeword')))"
    )
    assert run([sys.executable, "-c", code], cwd=Path(__file__).parents[4], check=False).returncode == 0
