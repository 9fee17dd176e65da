from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

import pytest

from modules.endpointing.registry import ENDPOINT_MODELS
from modules.registry import UnknownEngineError

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("name", ENDPOINT_MODELS.names())
def test_each_name_creates_the_engine_of_that_name(name: str) -> None:
    assert ENDPOINT_MODELS.create(name, threads=2).name == name


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownEngineError, match=r"model of the end of a turn named 'x'.*smart-turn"):
        ENDPOINT_MODELS.create("x")


def test_building_one_imports_nothing_heavy() -> None:
    code = (
        "import sys; from modules.endpointing.registry import ENDPOINT_MODELS; ENDPOINT_MODELS.create('smart-turn');"
        "sys.exit('onnxruntime' in sys.modules or 'pipecat' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
