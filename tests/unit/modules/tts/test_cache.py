from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.tts.base import SynthesisError
from modules.tts.cache import CacheStats, CachingSynthesizer
from tests.unit.modules.tts.scripted import RATE, ScriptedSynthesizer, tone

MEGABYTE = 1_000_000


@asynccontextmanager
async def caching(engine: ScriptedSynthesizer, root: Path) -> AsyncGenerator[CachingSynthesizer, None]:
    cached = CachingSynthesizer(engine, root / "speech", MEGABYTE, key_file=root / "data" / "key")
    await cached.load()
    yield cached
    await cached.close()


async def say(synthesizer: CachingSynthesizer, text: str, voice: str | None = None, speed: float = 1.0) -> AudioChunk:
    """What is heard, when it is on the disk."""
    chunks = [chunk async for chunk in synthesizer.stream(text, voice=voice, speed=speed)]
    while synthesizer._storing:
        await asyncio.wait(synthesizer._storing)
    samples = [chunk.samples for chunk in chunks] or [np.zeros(0, np.float32)]
    return AudioChunk(np.concatenate(samples), RATE)


def entries(root: Path) -> list[Path]:
    return sorted((root / "speech").glob("*.speech"))


async def test_a_text_is_spoken_once_and_heard_as_often_as_wanted(tmp_path: Path) -> None:
    engine = ScriptedSynthesizer(script=[tone(100, 0.5), tone(50, -0.25)])
    async with caching(engine, tmp_path) as cached:
        first, second = await say(cached, "Hello."), await say(cached, "Hello.")
        assert len(engine.requests) == 1
        assert cached.stats == CacheStats(hits=1, misses=1)
        assert cached.stats.hit_rate == 0.5
    assert second.sample_rate == RATE
    assert second.samples.dtype == np.float32
    assert np.abs(first.samples - second.samples).max() <= 1 / 32768
    # Another process, or the next start.
    async with caching(engine, tmp_path) as cached:
        assert (await say(cached, "Hello.")).frames == 150
    assert len(engine.requests) == 1


async def test_whatever_changes_the_sound_is_another_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = ScriptedSynthesizer()
    async with caching(engine, tmp_path) as cached:
        for text, voice, speed in [
            ("Hello.", None, 1.0), ("hello.", None, 1.0), ("Hello.", "second", 1.0), ("Hello.", None, 1.25),
        ]:  # fmt: skip
            await say(cached, text, voice, speed)
        await say(cached, "Hello.", "first")  # the default by its name
        assert len(engine.requests) == 4
        engine.name = "other"
        await say(cached, "Hello.")
        assert len(engine.requests) == 5
    monkeypatch.setattr("modules.tts.cache.version_of", lambda name: f"{name} 2.0")
    async with caching(engine, tmp_path) as cached:
        await say(cached, "Hello.")
    assert len(engine.requests) == 6
    assert len(entries(tmp_path)) == 6


async def test_speech_that_was_not_heard_to_its_end_is_not_kept(tmp_path: Path) -> None:
    engine = ScriptedSynthesizer(script=[tone(100), tone(100)])
    async with caching(engine, tmp_path) as cached:
        async with aclosing(cached.stream("Hello.")) as chunks:
            await anext(chunks)
            await anext(chunks)
        assert engine.closed_streams == 1
        assert cached._storing == set()
    assert entries(tmp_path) == []


async def test_speech_that_failed_is_not_kept(tmp_path: Path) -> None:
    engine = ScriptedSynthesizer(script=[tone(100), SynthesisError("synthesis-failed", "broken")])
    async with caching(engine, tmp_path) as cached:
        with pytest.raises(SynthesisError, match="broken"):
            await say(cached, "Hello.")
    assert entries(tmp_path) == []
    assert cached.stats == CacheStats()


@pytest.mark.parametrize(("text", "script"), [("...", [tone(10)]), ("Привет", [])])
async def test_what_makes_no_sound_is_not_kept(tmp_path: Path, text: str, script: list[np.ndarray]) -> None:
    async with caching(ScriptedSynthesizer(script=script), tmp_path) as cached:
        await say(cached, text)
    assert entries(tmp_path) == []
    assert cached.stats.hit_rate == 0.0


async def test_a_damaged_entry_is_spoken_and_kept_anew(tmp_path: Path) -> None:
    engine = ScriptedSynthesizer()
    async with caching(engine, tmp_path) as cached:
        await say(cached, "Hello.")
        (path,) = entries(tmp_path)
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
        assert (await say(cached, "Hello.")).frames == 100
        assert len(engine.requests) == 2
        await say(cached, "Hello.")
    assert len(engine.requests) == 2


@pytest.mark.parametrize("broken", ["speech", "data"])
async def test_without_a_usable_folder_it_speaks_all_the_same(
    tmp_path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / broken).write_text("not a folder")
    engine = ScriptedSynthesizer()
    async with caching(engine, tmp_path) as cached:
        for _ in range(3):
            assert (await say(cached, "Hello.")).frames == 100
    assert len(engine.requests) == 3
    assert [record.message for record in caplog.records] == ["speech is not kept any more: not-a-folder"]


async def test_a_key_that_cannot_be_had_later_is_done_without(tmp_path: Path) -> None:
    engine = ScriptedSynthesizer()
    cached = CachingSynthesizer(engine, tmp_path / "speech", MEGABYTE, key_file=tmp_path / "link")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert (await say(cached, "Hello.")).frames == 100
    assert not (tmp_path / "elsewhere").exists()
    await cached.close()


async def test_the_folder_is_opened_once_however_often_it_is_loaded(tmp_path: Path) -> None:
    engine = ScriptedSynthesizer()
    async with caching(engine, tmp_path) as cached:
        (tmp_path / "data" / "key").unlink()
        await cached.load()
        assert engine.loads == 2
        assert not (tmp_path / "data" / "key").exists()


async def test_it_is_the_engine_in_everything_else(tmp_path: Path) -> None:
    engine = ScriptedSynthesizer()
    async with caching(engine, tmp_path) as cached:
        assert (cached.name, cached.capabilities) == (engine.name, engine.capabilities)
        assert await cached.warm_up() == 0.25
    assert engine.closes == 1


async def test_closing_waits_until_what_was_said_last_is_kept(tmp_path: Path) -> None:
    async with caching(ScriptedSynthesizer(), tmp_path) as cached:
        assert [chunk.frames async for chunk in cached.stream("Hello.")] == [100]
    assert len(entries(tmp_path)) == 1
