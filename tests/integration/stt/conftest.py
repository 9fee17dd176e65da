"""The real engines, loaded once for all tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from modules.stt.moonshine import MoonshineTranscriber
from modules.stt.whisper import WhisperTranscriber
from modules.vad.silero import SileroVad


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the embedded model is joined."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def whisper(cache_dir: Path) -> Iterator[WhisperTranscriber]:
    engine = WhisperTranscriber(cache_dir=cache_dir)
    asyncio.run(engine.load())
    yield engine
    asyncio.run(engine.close())


@pytest.fixture(scope="session")
def moonshine() -> Iterator[MoonshineTranscriber]:
    engine = MoonshineTranscriber()
    asyncio.run(engine.load())
    yield engine
    asyncio.run(engine.close())


@pytest.fixture(scope="session")
def vad() -> Iterator[SileroVad]:
    detector = SileroVad()
    asyncio.run(detector.load())
    yield detector
    asyncio.run(detector.close())
