"""The device below the speaker: opened, released, lost, without mono, or not there."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from modules.audio.base import AudioChunk, AudioError
from tests.unit.modules.audio.fake_backend import (
    Clock,
    FakeBackend,
    FakePortAudioError,
    SoundCard,
    device,
    make_speaker,
    one_of_each,
    sine,
)


async def test_the_reference_goes_on_when_the_device_is_opened_again() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = make_speaker(backend, clock)
    reference = speaker.reference
    begun = clock.now + 0.03
    for _ in range(2):
        await speaker.begin()
        await speaker.play(sine(48000, 0.1))
        card.pull(12)
        await speaker.close()
        clock.now += 0.5
    heard = reference.read(begun, begun + 0.74)
    silence = np.zeros(24000, np.float32)
    first, second = (np.concatenate(card.played[start : start + 12]) for start in (0, 12))
    assert heard.sample_rate == 48000
    assert np.array_equal(heard.samples, np.concatenate((first, silence, second)))
    assert first.any()
    assert speaker.reference is reference


async def test_the_reference_follows_a_device_of_another_rate() -> None:
    backend, clock = one_of_each(), Clock()
    speaker = make_speaker(backend, clock)
    reference = speaker.reference
    await speaker.begin()
    await speaker.close()
    backend.refuse = lambda asked: (
        FakePortAudioError("Invalid sample rate", -9997) if asked["samplerate"] == 48000 else None
    )
    await speaker.begin()
    await speaker.play(AudioChunk(np.full(441, 0.5, np.float32), 44100))
    heard_at = clock.now + 0.03
    SoundCard(backend, clock).pull(1)
    heard = reference.read(heard_at, heard_at + 0.01)
    assert (heard.sample_rate, heard.frames) == (44100, 441)
    assert np.all(heard.samples == 0.5)
    await speaker.close()


async def test_a_speaker_that_vanishes_during_a_pause() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = make_speaker(backend, clock)
    await speaker.begin()
    await speaker.play(sine(48000))
    card.pull(5)
    speaker.pause()
    draining = asyncio.create_task(speaker.drain())
    await asyncio.sleep(0)
    backend.stream.finish()
    with pytest.raises(AudioError, match="disconnected"):
        await asyncio.wait_for(draining, 5)
    speaker.resume()
    await speaker.close()


async def test_the_next_turn_uses_the_open_device_and_counts_from_zero() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = make_speaker(backend, clock)
    for _ in range(3):
        await speaker.begin()
        async with card.running():
            await speaker.play(sine(24000, 0.2))
            assert speaker.clock.heard(clock.now) <= 0.2
            await speaker.drain()
        assert speaker.clock.heard(clock.now) == pytest.approx(0.2)
    assert len(backend.streams) == 1
    assert speaker.underruns == 0
    await speaker.close()


async def test_both_channels_of_a_device_that_has_no_mono() -> None:
    backend = FakeBackend(device("HDMI", outputs=2, rate=44100.0))
    backend.refuse = lambda asked: FakePortAudioError("Invalid channels", -9998) if asked["channels"] == 1 else None
    speaker = make_speaker(backend, Clock())
    await speaker.begin()
    await speaker.play(AudioChunk(np.full(960, 0.5, np.float32), 48000))
    assert np.all(backend.stream.render() == np.float32(0.5))
    await speaker.close()


async def test_no_speaker() -> None:
    speaker = make_speaker(FakeBackend(device("Microphone", inputs=1)), Clock())
    with pytest.raises(AudioError, match="There is no speaker") as caught:
        await speaker.begin()
    assert caught.value.code == "no-device"
    await speaker.play(sine(48000))
    assert speaker.stop() == 0.0
    await speaker.close()


async def test_a_speaker_that_vanishes_while_it_plays() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = make_speaker(backend, clock)
    await speaker.begin()
    await speaker.play(sine(48000))
    card.pull(5)
    draining = asyncio.create_task(speaker.drain())
    await asyncio.sleep(0)
    backend.stream.finish()
    with pytest.raises(AudioError) as caught:
        await asyncio.wait_for(draining, 5)
    assert caught.value.code == "device-lost"
    with pytest.raises(AudioError):
        await speaker.play(sine(48000))
    await speaker.begin()
    assert len(backend.streams) == 2
    await speaker.play(sine(48000, 0.1))
    assert card.pull(3).any()
    await speaker.close()


async def test_the_device_is_released_some_time_after_the_last_sound() -> None:
    backend, clock = one_of_each(), Clock()
    speaker = make_speaker(backend, clock, keep_open_seconds=0.0)
    await speaker.begin()
    async with SoundCard(backend, clock).running():
        await speaker.play(sine(48000, 0.05))
        await speaker.drain()
    await asyncio.wait_for(backend.stream.released(), 5)
    await speaker.begin()
    assert len(backend.streams) == 2
    await speaker.close()


async def test_a_new_playback_keeps_the_device_from_being_released() -> None:
    backend, clock = one_of_each(), Clock()
    speaker = make_speaker(backend, clock, keep_open_seconds=0.0)
    await speaker.begin()
    speaker.stop()
    await speaker.begin()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not backend.stream.closed
    await speaker.close()


async def test_a_playback_that_begins_just_when_the_device_is_to_be_released() -> None:
    backend, clock = one_of_each(), Clock()
    speaker = make_speaker(backend, clock, keep_open_seconds=0.0)
    await speaker.begin()
    speaker.stop()
    for _ in range(2):  # by now the release is under way, but has not begun to close the device
        await asyncio.sleep(0)
    await speaker.begin()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not backend.stream.closed
    await speaker.play(sine(48000, 0.1))
    assert SoundCard(backend, clock).pull(3).any()
    await speaker.close()


async def test_closing_while_the_device_is_being_opened() -> None:
    backend, clock = one_of_each(), Clock()
    backend.hang = threading.Event()
    speaker = make_speaker(backend, clock)
    beginning = asyncio.create_task(speaker.begin())
    await asyncio.sleep(0)
    closing = asyncio.create_task(speaker.close())
    await asyncio.sleep(0)
    backend.hang.set()
    await asyncio.wait_for(asyncio.gather(beginning, closing), 5)
    assert backend.stream.closed
    await speaker.play(sine(48000, 3.0))  # more than the queue takes, and nobody is there to play it
    await speaker.drain()


async def test_closing_in_the_middle_ends_a_waiting_playback() -> None:
    backend, clock = one_of_each(), Clock()
    speaker = make_speaker(backend, clock)
    await speaker.begin()
    await speaker.play(sine(48000, 2.0))
    draining = asyncio.create_task(speaker.drain())
    await asyncio.sleep(0)
    await speaker.close()
    await asyncio.wait_for(draining, 5)
    await speaker.close()
