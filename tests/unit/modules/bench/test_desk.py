"""The simulated desk: what is played is heard, as late and as loud as the room and the devices make it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.bench.acoustics import Room
from modules.bench.desk import HEADSET, Desk
from modules.bench.sound_card import SoundCard
from modules.bench.tape import Tape
from modules.bench.virtual_time import run_virtual

QUIET = replace(HEADSET, noise_db=-120.0)
OPEN = Room("open", rt60_s=0.05, delay_ms=10.0, echo_db=0.0, direct_db=40.0, noise_db=-120.0)


def now() -> float:
    return asyncio.get_running_loop().time()


def tone(seconds: float, rate: int, level: float = 0.3) -> AudioChunk:
    time = np.arange(round(seconds * rate)) / rate
    return AudioChunk((level * np.sin(2 * np.pi * 440 * time)).astype(np.float32), rate)


async def listen(desk: Desk, seconds: float) -> list[AudioChunk]:
    await desk.microphone.open()
    asyncio.get_running_loop().call_later(seconds, lambda: asyncio.ensure_future(desk.microphone.close()))
    return [chunk async for chunk in desk.microphone.chunks()]


def joined(chunks: list[AudioChunk]) -> Samples:
    return np.concatenate([chunk.samples for chunk in chunks])


def onset(chunks: list[AudioChunk], over: float) -> float:
    """Time of the first sample that is louder."""
    first = int(np.flatnonzero(np.abs(joined(chunks)) > over)[0])
    return chunks[0].time + first / SPEECH_RATE


def test_what_is_played_is_heard_after_the_latency_and_the_way_through_the_room() -> None:
    async def main() -> tuple[float, float, float]:
        async with Desk(OPEN, latency_seconds=0.05) as desk:
            await desk.speaker.begin()
            await desk.speaker.play(tone(0.5, 24_000))
            chunks = await listen(desk, 1.0)
            audible = desk.speaker.clock.first_audible
            assert audible is not None
            given_off = desk.tape.first_sound(audible - 1.0, audible + 1.0)
            assert given_off is not None
            return audible, given_off, onset(chunks, 0.01)

    audible, given_off, heard = run_virtual(main)
    assert given_off == pytest.approx(audible, abs=0.002)  # the clock tells the truth; it counts from -40 dB
    assert heard - given_off == pytest.approx(0.010, abs=0.002)


def test_a_headset_keeps_what_is_played_from_the_microphone() -> None:
    async def main() -> float:
        async with Desk(QUIET) as desk:
            await desk.speaker.begin()
            await desk.speaker.play(tone(0.5, 24_000))
            return float(np.abs(joined(await listen(desk, 0.5))).max())

    assert run_virtual(main) < 1e-4


def test_a_sound_nearby_arrives_at_its_time_and_as_loud_as_it_is() -> None:
    async def main() -> tuple[float, float, float]:
        async with Desk(QUIET) as desk:
            due = now() + 0.3333
            desk.sound(tone(0.2, SPEECH_RATE, 0.5), due)
            chunks = await listen(desk, 1.0)
            assert {16_000} == {chunk.sample_rate for chunk in chunks}
            assert all(0.01 <= chunk.seconds <= 0.032 for chunk in chunks[:-1])
            return due, onset(chunks, 0.05), float(np.abs(joined(chunks)).max())

    due, heard, peak = run_virtual(main)
    assert heard == pytest.approx(due, abs=0.002)
    assert peak == pytest.approx(0.5, abs=0.02)


def test_sounds_add_up_and_are_cut_at_full_scale() -> None:
    async def main() -> Samples:
        async with Desk(QUIET) as desk:
            begin = now() + 0.2
            desk.sound(AudioChunk(np.full(4800, 0.3, np.float32), 48_000), begin)
            desk.sound(AudioChunk(np.full(2400, 0.4, np.float32), 48_000), begin)
            desk.sound(AudioChunk(np.full(2400, 3.0, np.float32), 48_000), begin + 0.2)
            return joined(await listen(desk, 0.6))

    heard = run_virtual(main)
    both, one, cut = heard[3400:3700], heard[4200:4600], heard[6600:7000]
    assert both.mean() == pytest.approx(0.7, abs=0.01)
    assert one.mean() == pytest.approx(0.3, abs=0.01)
    assert cut.mean() == pytest.approx(1.0, abs=0.01)


def test_it_is_the_same_for_the_same_seed() -> None:
    async def main(seed: int) -> Samples:
        async with Desk(replace(OPEN, noise_db=-40.0), seed=seed) as desk:
            await desk.speaker.begin()
            await desk.speaker.play(tone(0.2, 24_000))
            return joined(await listen(desk, 0.4))

    first, again, other = (run_virtual(partial(main, seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


async def test_it_runs_in_real_time_too() -> None:
    async with Desk(QUIET) as desk:
        begun = now()
        chunks = await listen(desk, 0.1)
        assert 0.05 < sum(chunk.seconds for chunk in chunks) < now() - begun + 0.02


def test_the_card_takes_its_own_format_only() -> None:
    card = SoundCard(QUIET, 48_000, 0.02, 0)
    with pytest.raises(card.PortAudioError, match="sample rate"):
        card.OutputStream(samplerate=44_100, blocksize=441)


def test_a_tape_knows_when_there_was_sound() -> None:
    tape = Tape(1000)
    tape.append(np.zeros(10, np.float32), 5.0)
    tape.append(np.concatenate([np.zeros(5), np.full(3, 0.1), np.zeros(2)]).astype(np.float32), 5.01)
    assert tape.first_sound(0.0, 9.0) == pytest.approx(5.015)
    assert tape.last_sound(0.0, 9.0) == pytest.approx(5.017)
    assert tape.last_sound(5.0, 5.015) is None
    assert tape.first_sound(5.018, 9.0) is None
    part = tape.part(5.005, 5.016)
    assert part.frames == 11
    assert part.time == pytest.approx(5.005)
    tape.forget()
    assert tape.part(0.0, 9.0).frames == 0
    assert tape.end == pytest.approx(5.02)
    tape.append(np.ones(10, np.float32), 5.02)
    assert tape.first_sound(0.0, 9.0) == pytest.approx(5.02)
