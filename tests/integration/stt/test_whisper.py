from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.models import embedded
from modules.stt.base import TranscriptionError
from modules.stt.whisper import WhisperTranscriber
from modules.stt.whisper_model import WhisperModel
from tests.integration.stt.samples import error_rate, in_a_row, sample, samples


@pytest.fixture(scope="module")
def folder(cache_dir: Path, whisper: WhisperTranscriber) -> Path:
    """The model's files."""
    return embedded.whisper_base(cache_dir)


async def test_words_are_understood(whisper: WhisperTranscriber) -> None:
    results = [await whisper.transcribe(found.audio) for found in samples()]
    pairs = [(found.text, result.text) for found, result in zip(samples(), results, strict=True)]
    assert error_rate(pairs) <= 0.06
    assert {result.language for result in results} == {"en"}
    for found, result in zip(samples(), results, strict=True):
        assert result.audio_seconds == pytest.approx(found.audio.seconds)
        assert result.confidence is not None
        assert 0.3 < result.confidence < 1.0


async def test_a_pause_inside_a_sentence_loses_nothing(whisper: WhisperTranscriber) -> None:
    for name in ("p00", "p03"):
        found = sample(name)
        # A speaker's "um" may be left out.
        assert error_rate([(found.text, (await whisper.transcribe(found.audio)).text)]) <= 0.1


async def test_recordings_longer_than_a_window(whisper: WhisperTranscriber) -> None:
    whole = in_a_row(pause=0.6)
    assert whole.audio.seconds > 50
    assert error_rate([(whole.text, (await whisper.transcribe(whole.audio)).text)]) <= 0.1


async def test_it_knows_many_languages_and_says_which(whisper: WhisperTranscriber) -> None:
    languages = whisper.capabilities.languages
    assert languages is not None
    assert len(languages) >= 99
    assert {"en", "de", "it", "zh", "haw"} <= languages
    assert whisper.capabilities.detects_language
    with pytest.raises(TranscriptionError, match=r"'tlh'.*It knows: af, am, ar"):
        await whisper.transcribe(sample("q16").audio, language="tlh")


async def test_a_set_language_is_obeyed(whisper: WhisperTranscriber) -> None:
    found = sample("q00")
    assert (await whisper.transcribe(found.audio, language="en")).language == "en"
    german = await whisper.transcribe(found.audio, language="de")
    assert german.language == "de"


@pytest.mark.parametrize("seconds", [0.0, 0.02, 3.0, 40.0])
async def test_silence_is_empty(whisper: WhisperTranscriber, seconds: float) -> None:
    audio = AudioChunk(np.zeros(round(seconds * SPEECH_RATE), np.float32), SPEECH_RATE)
    result = await whisper.transcribe(audio)
    assert (result.text, result.language, result.confidence) == ("", None, None)


async def test_a_cancelled_call_frees_the_engine(whisper: WhisperTranscriber) -> None:
    call = asyncio.create_task(whisper.transcribe(in_a_row(pause=0.6).audio))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert "stop" in (await whisper.transcribe(sample("q15").audio)).text.lower()


async def test_warming_up_measures_a_floor(whisper: WhisperTranscriber) -> None:
    assert 0.0 < await whisper.warm_up() < 5.0


@pytest.mark.parametrize("prompt", ["", "Arvis, LibreOffice, Firefox. " * 60])
def test_the_limit_of_tokens_is_what_it_says(folder: Path, prompt: str) -> None:
    model = WhisperModel(folder, threads=2, beam_size=1, prompt=prompt)
    encoded = model.encode(sample("p00").audio.samples, 10.0)
    cut = model.decode(encoded, "en", 6)
    assert not cut.complete
    assert 3 <= len(cut.tokens) <= 6
    whole = model.decode(encoded, "en", 60)
    assert whole.complete
    assert error_rate([(sample("p00").text, model.text(whole.tokens))]) <= 0.1
    assert whole.log_probability > -1.0
    assert whole.no_speech < 0.6
    model.close()


async def test_names_in_the_prompt_are_understood(cache_dir: Path) -> None:
    engine = WhisperTranscriber(cache_dir=cache_dir, threads=1, beam_size=2, prompt="Juliet, Tokyo, LibreOffice")
    await engine.load()
    found = [sample("q11"), sample("p00")]
    pairs = [(one.text, (await engine.transcribe(one.audio)).text) for one in found]
    await engine.close()
    assert error_rate(pairs) <= 0.06


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json"])
async def test_a_truncated_file_is_told(folder: Path, tmp_path: Path, name: str) -> None:
    _copy_with_truncated(folder, tmp_path, name)
    engine = WhisperTranscriber(str(tmp_path))
    with pytest.raises(TranscriptionError, match="cannot be read") as caught:
        await engine.load()
    assert caught.value.code == "broken-model"
    await engine.close()


def _copy_with_truncated(folder: Path, copy: Path, name: str) -> None:
    for path in folder.glob("[!.]*"):
        if path.name != name:
            (copy / path.name).symlink_to(path)
    with (folder / name).open("rb") as whole:
        (copy / name).write_bytes(whole.read(100_000))
