"""The real model on recordings of speech, whole and cut off."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import run

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.files import read_audio
from modules.endpointing.base import EndpointError, EndpointModel
from modules.endpointing.smart_turn import SmartTurn
from modules.engine import LoadProgress
from modules.vad.silero import _packaged_model

if importlib.util.find_spec("pipecat") is None:
    pytest.skip("the package pipecat-ai, which holds the model, is not installed", allow_module_level=True)

ROOT = Path(__file__).parents[3]

# What pipecat-ai 1.14.0 itself answers, after 0.2 s of silence: for the whole recording, and for its first half.
REFERENCE = {
    "go_forward": (0.988, 0.9697),
    "sense_and_sensibility_0870": (0.988, 0.9403),
    "sense_and_sensibility_0880": (0.2076, 0.0232),
    "sense_and_sensibility_0890": (0.9589, 0.2209),
    "sense_and_sensibility_0920": (0.9843, 0.704),
}


@pytest.fixture
async def model() -> AsyncIterator[EndpointModel]:
    smart_turn = SmartTurn()
    await smart_turn.load()
    yield smart_turn
    await smart_turn.close()


def _recording(path: str, part: float = 1.0) -> AudioChunk:
    samples = read_audio(ROOT / path).samples
    silence = np.zeros(int(0.2 * SPEECH_RATE), np.float32)
    return AudioChunk(np.concatenate((samples[: int(len(samples) * part)], silence)), SPEECH_RATE)


@pytest.mark.parametrize("name", REFERENCE)
async def test_it_answers_as_its_authors_program_does(model: EndpointModel, name: str) -> None:
    # The weights are 8-bit integers: a rounding error at the input may move an answer by one of their steps.
    for part, expected in zip((1.0, 0.5), REFERENCE[name], strict=True):
        assert await model.completeness(_recording(f"assets/speech/{name}.flac", part)) == pytest.approx(
            expected, abs=0.1
        )


async def test_questions_are_complete_and_hesitation_is_not(model: EndpointModel) -> None:
    questions = sorted((ROOT / "tests/data/questions").glob("q*.flac"))
    scores = [await model.completeness(_recording(str(path.relative_to(ROOT)))) for path in questions]
    assert float(np.mean(np.array(scores) >= 0.8)) >= 0.9
    hesitating = read_audio(ROOT / "tests/data/questions/p03.flac").samples[: int(0.97 * SPEECH_RATE)]  # "So, um,"
    assert await model.completeness(AudioChunk(hesitating, SPEECH_RATE)) < 0.1


async def test_it_loads_once_warms_up_and_can_be_loaded_again() -> None:
    model = SmartTurn(threads=2)
    seen: list[LoadProgress] = []
    await model.load(seen.append)
    await model.load(seen.append)
    assert [step.engine for step in seen] == ["smart-turn"]
    assert 0.0 < await model.warm_up() < 5.0
    await model.close()
    with pytest.raises(EndpointError):
        await model.completeness(_recording("assets/speech/go_forward.flac"))
    await model.load()
    assert await model.completeness(_recording("assets/speech/go_forward.flac")) > 0.9
    await model.close()


async def test_a_model_of_another_kind_is_refused() -> None:
    with pytest.raises(EndpointError) as caught:
        await SmartTurn(_packaged_model()).load()
    assert caught.value.code == "model-broken"
    assert caught.value.__cause__ is None  # it could be read, it just is another one


def test_the_package_is_not_imported_for_its_model() -> None:
    code = (
        "import asyncio, sys; from modules.endpointing.smart_turn import SmartTurn; asyncio.run(SmartTurn().load());"
        "sys.exit('pipecat' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
