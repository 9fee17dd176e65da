from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.models.base import ModelError
from modules.stt.base import TranscriptionError
from modules.stt.moonshine import MoonshineRecogniser, MoonshineTranscriber, prepare
from modules.stt.moonshine_model import Heard


class Script:
    """A model that gives one prepared result for every piece."""

    def __init__(self, result: Heard) -> None:
        self.result = result
        self.heard: list[tuple[float, int]] = []
        """Seconds and limit of each piece."""

    def hear(self, samples: Samples, limit: int, stop: threading.Event) -> Heard:
        self.heard.append((len(samples) / SPEECH_RATE, limit))
        return self.result

    def text(self, tokens: tuple[int, ...] | list[int]) -> str:
        return " ".join(map(str, tokens))


GOOD = Heard((1, 2, 3), -0.1, True)


def _audio(seconds: float, level: float = 0.1) -> Samples:
    return np.random.default_rng(0).normal(0.0, level, round(seconds * SPEECH_RATE)).astype(np.float32)


def _hear(model: Script, samples: Samples) -> str:
    return MoonshineRecogniser(model).recognise(samples, "en", threading.Event()).text


def test_a_piece_gets_a_margin_and_a_limit_by_its_length() -> None:
    model = Script(GOOD)
    assert _hear(model, _audio(4.0)) == "1 2 3"
    ((seconds, limit),) = model.heard
    assert seconds == pytest.approx(4.4)
    assert limit == 34


def test_long_audio_goes_in_pieces() -> None:
    model = Script(GOOD)
    assert _hear(model, _audio(100.0)).count("1 2 3") == len(model.heard)
    assert max(seconds for seconds, _ in model.heard) <= 15.4
    assert sum(seconds - 0.4 for seconds, _ in model.heard) == pytest.approx(100.0, abs=0.01)


def test_an_endless_loop_is_reduced_to_one_round() -> None:
    assert _hear(Script(Heard((7, 8, 9) * 10, -0.1, False)), _audio(4.0)) == "7 8 9"


def test_what_is_said_twice_stays() -> None:
    assert _hear(Script(Heard((7, 8, 9, 7, 8, 9), -0.1, True)), _audio(4.0)) == "7 8 9 7 8 9"


def test_an_unsure_result_is_nothing() -> None:
    assert _hear(Script(Heard((1,), -1.1, True)), _audio(1.0)) == ""


@pytest.mark.parametrize("samples", [_audio(0.0), np.zeros(48_000, np.float32)])
def test_silence_never_reaches_the_model(samples: Samples) -> None:
    model = Script(GOOD)
    assert _hear(model, samples) == ""
    assert model.heard == []


def test_the_floor_is_a_second() -> None:
    model = Script(GOOD)
    assert MoonshineRecogniser(model).floor() > 0.0
    assert model.heard == [(1.0, 8)]


def test_audio_is_made_equally_loud_with_silence_around_it() -> None:
    prepared = prepare(_audio(2.0, 0.01))
    assert np.abs(prepared).max() == pytest.approx(0.5)
    assert len(prepared) == round(2.4 * SPEECH_RATE)
    assert not prepared[:3200].any()
    assert not prepared[-3200:].any()


def test_long_silence_before_the_first_sound_is_cut_off() -> None:
    prepared = prepare(np.concatenate((_audio(3.0, 0.0001), _audio(1.0))))
    assert len(prepared) / SPEECH_RATE == pytest.approx(0.2 + 0.4 + 1.0 + 0.2, abs=0.02)


def test_it_knows_english_only() -> None:
    capabilities = MoonshineTranscriber().capabilities
    assert capabilities.languages == frozenset({"en"})
    assert not capabilities.detects_language


async def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    engine = MoonshineTranscriber(str(tmp_path))
    with pytest.raises(ModelError, match=r"not a Moonshine model: it has no encoder_model\.ort and no decoder"):
        await engine.load()
    await engine.close()


async def test_damaged_files_are_refused(tmp_path: Path) -> None:
    for name in ("encoder_model.ort", "decoder_model_merged.ort"):
        (tmp_path / name).write_bytes(b"not a model")
    (tmp_path / "tokenizer.bin").write_bytes(b"\x01a\x01b\x01c\x01d")
    engine = MoonshineTranscriber(str(tmp_path))
    with pytest.raises(TranscriptionError, match="cannot be read") as caught:
        await engine.load()
    assert caught.value.code == "broken-model"
    await engine.close()


async def test_it_must_be_loaded_first() -> None:
    with pytest.raises(TranscriptionError) as caught:
        await MoonshineTranscriber().transcribe(AudioChunk(_audio(1.0), SPEECH_RATE))
    assert caught.value.code == "not-loaded"
