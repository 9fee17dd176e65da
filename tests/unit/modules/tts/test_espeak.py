from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from modules.audio.base import Samples
from modules.tts import espeak
from modules.tts.base import SynthesisError
from modules.tts.espeak import EspeakSynthesizer


class Library:
    """Knows three voices and notes what it is asked."""

    sample_rate = 16_000

    def __init__(self) -> None:
        self.spoken: list[tuple[str, str, float]] = []

    def voices(self) -> Iterator[tuple[str, list[tuple[int, str]]]]:
        yield "gmw/en", [(2, "en-gb"), (2, "en")]
        yield "gmw/en-US", [(2, "en-us"), (3, "en")]
        yield "roa/es-419", [(5, "es-419"), (6, "es")]
        yield "roa/es", [(5, "es")]
        yield "iro/chr", [(5, "chr-US")]

    def speak(self, text: str, voice: str, speed: float, stopped: threading.Event) -> Samples:
        self.spoken.append((text, voice, speed))
        return np.ones(10, np.float32)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    monkeypatch.setattr(espeak, "open_espeak", lambda: library)
    return library


@pytest.mark.usefixtures("library")
async def test_voices_are_languages() -> None:
    synthesizer = EspeakSynthesizer()
    await synthesizer.load()
    assert synthesizer.capabilities.voices == ("en-us", "chr-us", "en", "en-gb", "es", "es-419")
    assert synthesizer.capabilities.languages == {"en", "es"}
    assert synthesizer.capabilities.sample_rate == 16_000
    await synthesizer.close()


@pytest.mark.parametrize(
    ("default", "voice", "identifier"),
    [
        ("", None, "gmw/en-US"),
        ("", "en", "gmw/en-US"),
        ("", "en-gb", "gmw/en"),
        ("es", None, "roa/es"),
        ("EN-GB", None, "gmw/en"),
    ],
)
async def test_the_best_voice_of_a_language_speaks(
    library: Library, default: str, voice: str | None, identifier: str
) -> None:
    synthesizer = EspeakSynthesizer(default)
    await synthesizer.load()
    assert [chunk.frames async for chunk in synthesizer.stream("Hola.", voice=voice, speed=1.5)] == [10]
    assert library.spoken == [("Hola.", identifier, 1.5)]
    await synthesizer.close()


@pytest.mark.usefixtures("library")
async def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SynthesisError, match="'espeak-ng' has no voice 'xx'"):
        await EspeakSynthesizer("xx").load()
