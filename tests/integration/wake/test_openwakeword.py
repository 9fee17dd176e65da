"""The real models, with phrases that real voices say."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import run

import numpy as np
import onnxruntime
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.earcons import Earcon, earcon
from modules.audio.files import read_audio
from modules.audio.resample import resample
from modules.bench.wake import measure_wake
from modules.bench.wake_scenes import Scene, SpokenPhrase, noise, scenes, speak
from modules.engine import LoadProgress
from modules.tts.registry import SYNTHESIZERS
from modules.wake.base import WakeDetection, WakeError, WakeWordDetector
from modules.wake.openwakeword import OpenWakeWord
from modules.wake.openwakeword_files import find_files

ROOT = Path(__file__).parents[3]
SPEECH = sorted(ROOT.glob("assets/speech/*.flac")) + sorted(ROOT.glob("tests/data/questions/*.flac"))
SPEEDS = (0.85, 1.0, 1.2)


@pytest.fixture
async def detector() -> AsyncIterator[OpenWakeWord]:
    engine = OpenWakeWord()
    await engine.load()
    yield engine
    await engine.close()


async def _spoken(voice: str, phrase: str, request: str = "") -> list[SpokenPhrase]:
    onnxruntime.set_seed(0)  # of the noise that Piper's voices speak from
    synthesizer = SYNTHESIZERS.create(voice)
    await synthesizer.load()
    try:
        return await speak(synthesizer, phrase, SPEEDS, (request,))
    finally:
        await synthesizer.close()


async def _scenes(voice: str, phrase: str, request: str = "") -> list[Scene]:
    return list(scenes(await _spoken(voice, phrase, request), np.random.default_rng(0)))


def _listen(detector: WakeWordDetector, samples: Samples) -> list[tuple[float, WakeDetection]]:
    """The detections, each with the second of the stream at which the microphone's latest 20 ms completed it."""
    stream, found = detector.open(), []
    for start in range(0, samples.shape[0], 320):
        chunk = AudioChunk(samples[start : start + 320], SPEECH_RATE, start)
        found += [((start + chunk.frames) / SPEECH_RATE, detection) for detection in stream.feed(chunk)]
    return found


@pytest.mark.parametrize("request_after", ["", "What time is it?"])
@pytest.mark.parametrize("voice", ["hibari", "piper"])
async def test_the_phrase_is_heard_once_soon_and_its_end_is_not_put_into_the_request(
    detector: OpenWakeWord, voice: str, request_after: str
) -> None:
    for scene in await _scenes(voice, "hey jarvis", request_after):
        ((at, detection),) = _listen(detector, scene.audio.samples)
        assert 0.5 <= detection.score <= 1.0
        assert -0.3 < at - scene.end < 0.25
        assert -0.4 < detection.end - scene.end < 0.05


async def test_it_is_heard_as_the_first_thing_in_a_stream_and_in_one_piece(detector: OpenWakeWord) -> None:
    for spoken in await _spoken("hibari", "hey jarvis"):
        samples = np.concatenate((spoken.phrase * 0.3, np.zeros(SPEECH_RATE // 2, np.float32)))
        (found,) = detector.open().feed(AudioChunk(samples, SPEECH_RATE))
        assert found.end < spoken.phrase.shape[0] / SPEECH_RATE + 0.05


async def test_two_phrases_are_two_detections_and_the_cooldown_makes_them_one(detector: OpenWakeWord) -> None:
    scene = (await _scenes("hibari", "hey jarvis"))[0]
    twice = np.concatenate((scene.audio.samples, scene.audio.samples))
    assert len(_listen(detector, twice)) == 2
    patient = OpenWakeWord(cooldown=5.0)
    await patient.load()
    assert len(_listen(patient, twice)) == 1


@pytest.mark.parametrize("phrase", ["hey marvin", "hello there", "a nervous man", "what time is it", "good morning"])
async def test_other_phrases_are_not_taken_for_it(detector: OpenWakeWord, phrase: str) -> None:
    for scene in await _scenes("hibari", phrase):
        assert _listen(detector, scene.audio.samples) == []


@pytest.mark.parametrize("path", SPEECH, ids=[path.stem for path in SPEECH])
def test_speech_without_the_phrase_does_not_wake(detector: OpenWakeWord, path: Path) -> None:
    assert _listen(detector, read_audio(path).samples) == []


@pytest.mark.parametrize("level", [0.0, 0.001, 0.01, 0.1, 0.5])
def test_a_noisy_room_does_not_wake(detector: OpenWakeWord, level: float) -> None:
    samples = noise(SPEECH_RATE * 20, level, np.random.default_rng(0))
    assert _listen(detector, samples) == []


@pytest.mark.parametrize("kind", Earcon)
def test_the_assistants_own_sounds_do_not_wake(detector: OpenWakeWord, kind: Earcon) -> None:
    sound = resample(earcon(kind), SPEECH_RATE).samples
    assert _listen(detector, np.concatenate([sound, np.zeros(SPEECH_RATE, np.float32)] * 5)) == []


async def test_samples_that_are_no_numbers_are_forgotten(detector: OpenWakeWord) -> None:
    scene = (await _scenes("hibari", "hey jarvis"))[0]
    broken = np.full(1000, np.nan, np.float32)
    silence = np.zeros(SPEECH_RATE * 3, np.float32)
    assert len(_listen(detector, np.concatenate((broken, silence, scene.audio.samples)))) == 1


async def test_another_phrase_of_the_package(detector: OpenWakeWord) -> None:
    alexa = OpenWakeWord("alexa")
    await alexa.load()
    loud = [scene.audio.samples for scene in await _scenes("hibari", "alexa")]
    assert sum(len(_listen(alexa, samples)) == 1 for samples in loud) >= 0.9 * len(loud)
    assert [_listen(detector, samples) for samples in loud] == [[]] * len(loud)


async def test_a_model_by_its_path(tmp_path: Path) -> None:
    own = tmp_path / "my_jarvis_v2.onnx"
    own.write_bytes(find_files("hey_jarvis").phrase.read_bytes())
    detector = OpenWakeWord(str(own))
    await detector.load()
    assert detector.phrases == ("my jarvis",)
    scene = (await _scenes("hibari", "hey jarvis"))[0]
    assert len(_listen(detector, scene.audio.samples)) == 1


@pytest.mark.parametrize("content", [b"not a model", b"", None])
async def test_a_file_that_is_no_wake_word_model_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "word.onnx"
    path.write_bytes(find_files("hey_jarvis").embedding.read_bytes() if content is None else content)
    with pytest.raises(WakeError, match=r"word\.onnx' is not a wake word model") as caught:
        await OpenWakeWord(str(path)).load()
    assert caught.value.code == "model-broken"


async def test_it_loads_once_warms_up_and_can_be_loaded_again(detector: OpenWakeWord) -> None:
    seen: list[LoadProgress] = []
    await detector.load(seen.append)
    assert seen == []
    assert 0.0 < await detector.warm_up() < 1.0
    await detector.close()
    await detector.load(seen.append)
    assert [(step.engine, step.note) for step in seen] == [("openwakeword", "Loading the wake word models")]
    assert detector.open().feed(AudioChunk(np.zeros(4000, np.float32), SPEECH_RATE)) == []


def test_no_code_of_the_package_is_imported_for_its_models() -> None:
    code = (
        "import asyncio, sys; from modules.wake.openwakeword import OpenWakeWord; detector = OpenWakeWord();"
        "assert 'onnxruntime' not in sys.modules; asyncio.run(detector.load()); sys.exit('openwakeword' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


async def test_the_benchmark_measures_it(detector: OpenWakeWord) -> None:
    voice = SYNTHESIZERS.create("hibari")
    bench = await measure_wake(detector, [voice], SPEECH[:2], near_phrases=["hey marvin"], waiting_seconds=5.0)
    await voice.close()
    found = bench.as_dict()
    assert (found["said"], found["hits"], found["false_accepts"]) == (36, 36, 0)
    assert found["near_phrases"] == {"hey marvin": {"said": 6, "heard": 0}}
    assert bench.cpu_share > 0.0


async def test_the_benchmark_says_the_same_for_a_seed(detector: OpenWakeWord) -> None:
    found = []
    for run_before, seed in enumerate((1, 1, 2)):
        onnxruntime.set_seed(100 + run_before)  # as another process would begin
        voice = SYNTHESIZERS.create("piper")
        bench = await measure_wake(detector, [voice], near_phrases=[], waiting_seconds=0.1, seed=seed)
        await voice.close()
        found.append(bench.hits)
    assert found[0] == found[1] != found[2]
