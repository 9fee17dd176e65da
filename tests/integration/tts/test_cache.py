"""Real voices behind a cache, and several processes that share one."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.tts.base import Synthesizer
from modules.tts.cache import CacheStats, CachingSynthesizer
from modules.tts.cache_folder import SpeechFolder
from modules.tts.registry import SYNTHESIZERS

LIMIT = 400_000
RATE = 24_000


async def samples(synthesizer: Synthesizer, text: str) -> np.ndarray:
    return np.concatenate([chunk.samples async for chunk in synthesizer.stream(text)])


@pytest.mark.parametrize("name", SYNTHESIZERS.names())
async def test_a_real_voice_sounds_the_same_from_the_cache(tmp_path: Path, name: str) -> None:
    engine = SYNTHESIZERS.create(name)
    cached = CachingSynthesizer(engine, tmp_path / "speech", LIMIT, key_file=tmp_path / "key")
    await cached.load()
    spoken = await samples(cached, "The capital of France is Paris.")
    await cached.close()
    # A closed engine speaks no more: this comes from the disk.
    kept = await samples(cached, "The capital of France is Paris.")
    assert cached.stats == CacheStats(hits=1, misses=1)
    assert spoken.size > RATE / 2
    assert np.abs(spoken - kept).max() <= 1 / 32768


def use(root: Path, seed: int) -> None:
    """Read and write at random, and check what is read."""
    chance = np.random.default_rng(seed)
    folder = SpeechFolder(root / "speech", root / "key", limit=LIMIT)
    for _ in range(40):
        number = int(chance.integers(20))
        name = folder.name(f"text {number}")
        found = folder.read(name)
        if found is None:
            level = np.full(RATE // 4, number / 20, np.float32)
            hiss = chance.uniform(-1e-3, 1e-3, level.size).astype(np.float32)
            folder.write(name, AudioChunk(level + hiss, RATE))
        else:
            assert found.frames == RATE // 4
            assert abs(float(found.samples.mean()) - number / 20) < 1e-3


def test_processes_share_one_folder_and_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=use, args=(tmp_path, seed)) for seed in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    folder = SpeechFolder(tmp_path / "speech", tmp_path / "key", limit=LIMIT)
    found = [number for number in range(20) if folder.read(folder.name(f"text {number}")) is not None]
    assert len(found) == folder.usage().entries  # one key, so each text has one name
    assert folder.usage().size <= LIMIT
    assert len(found) >= 5
