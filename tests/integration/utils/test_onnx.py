"""Opening models in a process of its own, because what it leaves behind in the user's home counts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# What keeps ONNX Runtime quiet by itself: the variables with which it recognises test runs, and its own switches.
QUIET = ("CI", "BUILD", "GITHUB", "TF_BUILD", "ORT_", "JENKINS", "TRAVIS", "CODEBUILD", "TEAMCITY", "XDG_")

ENGINES = {
    "detector": "from modules.vad.silero import SileroVad as Engine",
    "voice": "from modules.tts.hibari import HibariSynthesizer as Engine",
}


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_is_told_that_a_model_is_used(tmp_path: Path, engine: str) -> None:
    """The first thing that ONNX Runtime's reports need is a number for the machine, in the user's cache."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith(QUIET)}
    program = f"import asyncio\n{ENGINES[engine]}\nasync def run(): await Engine().load()\nasyncio.run(run())\n"
    subprocess.run([sys.executable, "-c", program], env=environ | {"HOME": str(tmp_path)}, check=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
