from __future__ import annotations

import threading

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.models import embedded
from modules.stt.base import TranscriptionError
from modules.stt.moonshine import MoonshineTranscriber
from modules.stt.moonshine_model import MoonshineModel
from modules.stt.threaded import Stopped
from tests.integration.stt.samples import error_rate, in_a_row, sample, samples


async def test_words_are_understood(moonshine: MoonshineTranscriber) -> None:
    results = [await moonshine.transcribe(found.audio) for found in samples()]
    pairs = [(found.text, result.text) for found, result in zip(samples(), results, strict=True)]
    assert error_rate(pairs) <= 0.12
    assert {result.language for result in results} == {"en"}
    assert all(result.confidence is not None and 0.3 < result.confidence < 1.0 for result in results)


async def test_long_recordings(moonshine: MoonshineTranscriber) -> None:
    whole = in_a_row(pause=0.6)
    assert error_rate([(whole.text, (await moonshine.transcribe(whole.audio)).text)]) <= 0.12


@pytest.mark.parametrize(("silence", "level"), [(3.0, 1.0), (0.0, 0.02)])
async def test_silence_before_and_a_low_voice_do_no_harm(
    moonshine: MoonshineTranscriber, silence: float, level: float
) -> None:
    found = sample("q20")
    audio = np.concatenate((np.zeros(round(silence * SPEECH_RATE), np.float32), found.audio.samples * level))
    result = await moonshine.transcribe(AudioChunk(audio.astype(np.float32), SPEECH_RATE))
    assert error_rate([(found.text, result.text)]) <= 0.1


async def test_other_languages_are_refused(moonshine: MoonshineTranscriber) -> None:
    with pytest.raises(TranscriptionError, match=r"'de'.*It knows: en\."):
        await moonshine.transcribe(sample("q00").audio, language="de")


async def test_a_model_folder_may_be_given() -> None:
    engine = MoonshineTranscriber(str(embedded.moonshine_tiny()), threads=2)
    await engine.load()
    assert "capital of france" in (await engine.transcribe(sample("q00").audio)).text.lower()
    assert 0.0 < await engine.warm_up() < 5.0
    await engine.close()


def test_decoding_has_a_limit_and_can_be_stopped() -> None:
    model = MoonshineModel(embedded.moonshine_tiny(), threads=1)
    audio = sample("q00").audio.samples
    heard = model.hear(audio, 3, threading.Event())
    assert (len(heard.tokens), heard.complete) == (3, False)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        model.hear(audio, 100, stop)
