from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from modules.audio.base import AudioChunk, AudioError, AudioOutput, Samples
from modules.audio.speaker import Speaker
from tests.unit.modules.audio.fake_backend import (
    OVERFLOW,
    FakeBackend,
    FakePortAudioError,
    FakeStream,
    device,
    one_of_each,
)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class SoundCard:
    """Drives the callback of a fake stream in virtual time and keeps what was played."""

    def __init__(self, backend: FakeBackend, clock: Clock) -> None:
        self.backend = backend
        self.clock = clock
        self.played: list[Samples] = []

    def pull(self, blocks: int = 1) -> Samples:
        stream: FakeStream = self.backend.stream
        frames = stream.parameters["blocksize"]
        out = []
        for _ in range(blocks):
            out.append(stream.render(frames)[:, 0])
            self.clock.now += frames / stream.parameters["samplerate"]
        self.played += out
        return np.concatenate(out)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Pulls a block whenever the loop has nothing else to do."""

        async def run() -> None:
            while True:
                self.pull()
                await asyncio.sleep(0)

        task = asyncio.create_task(run())
        try:
            yield
        finally:
            task.cancel()


def _speaker(backend: FakeBackend, clock: Clock, keep_open_seconds: float = 30.0) -> Speaker:
    return Speaker(backend=backend, clock=clock, keep_open_seconds=keep_open_seconds)


def _tone(rate: int, seconds: float = 1.0, level: float = 0.5) -> AudioChunk:
    return AudioChunk(
        (level * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)).astype(np.float32), rate
    )


async def test_what_is_played_in_pieces_is_heard_as_a_whole() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker: AudioOutput = _speaker(backend, clock)
    await speaker.begin()
    asked = backend.stream.parameters
    assert (asked["samplerate"], asked["channels"], asked["blocksize"], asked["latency"]) == (48000, 1, 480, "low")
    tone = _tone(24000)
    async with card.running():
        for at in range(0, 24000, 2400):
            await speaker.play(AudioChunk(tone.samples[at : at + 2400], 24000))
        await speaker.drain()
    played = np.concatenate(card.played)
    first = int(np.flatnonzero(played)[0])
    expected = _tone(48000).samples
    assert np.max(np.abs(played[first : first + 48000][1000:-1000] - expected[1000:-1000])) < 1e-3
    assert speaker.clock.heard(clock.now) == pytest.approx(1.0)
    await speaker.close()
    assert backend.stream.closed


async def test_drain_waits_until_the_last_sample_has_left_the_speaker() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    await speaker.begin()
    await speaker.play(_tone(48000, 0.1))
    draining = asyncio.create_task(speaker.drain())
    handed_over = clock.now
    card.pull(10)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not draining.done()  # everything is with the device, 30 ms before it is heard
    async with card.running():
        await draining
    assert clock.now >= handed_over + 0.1 + 0.02
    await speaker.close()


async def test_play_waits_while_two_seconds_are_queued() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    await speaker.begin()
    await speaker.play(_tone(48000, 2.0))
    playing = asyncio.create_task(speaker.play(_tone(48000, 0.5)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not playing.done()
    began = clock.now
    async with card.running():
        await playing
    assert clock.now - began == pytest.approx(0.5, abs=0.03)
    await speaker.close()


async def test_stop_fades_out_within_one_block_and_tells_what_was_heard() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    await speaker.begin()
    await speaker.play(AudioChunk(np.full(48000, 0.5, np.float32), 48000))
    card.pull(20)
    assert speaker.stop() == pytest.approx(0.2 - 0.03)  # what is with the device was not heard yet
    out = card.pull(2)
    assert out[0] == pytest.approx(0.5)
    assert np.all(np.diff(out) <= 0)
    assert not out[479:].any()
    clock.now += 1.0
    assert speaker.stop() == pytest.approx(0.21)
    await speaker.close()


async def test_a_pause_is_silent_from_the_next_block_on_and_drain_waits_for_its_end() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    await speaker.begin()
    await speaker.play(AudioChunk(np.full(24000, 0.5, np.float32), 48000))
    draining = asyncio.create_task(speaker.drain())
    card.pull(20)
    speaker.pause()
    assert abs(card.pull(1)[-1]) < 1e-3
    for _ in range(200):
        assert not card.pull(1).any()
        await asyncio.sleep(0)
    assert not draining.done()
    assert speaker.clock.heard(clock.now) == pytest.approx(0.2)
    speaker.resume()
    resumed = clock.now
    async with card.running():
        await draining
    assert 0.32 <= clock.now - resumed <= 0.37  # the rest, and the 30 ms until the device is through with it
    assert speaker.clock.heard(clock.now) == pytest.approx(0.5)
    assert speaker.underruns == 0
    await speaker.close()


async def test_stopping_a_paused_playback_ends_the_wait_in_silence() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    await speaker.begin()
    await speaker.play(_tone(48000))
    draining = asyncio.create_task(speaker.drain())
    card.pull(20)
    speaker.pause()
    card.pull(10)
    assert speaker.stop() == pytest.approx(0.2)
    await asyncio.wait_for(draining, 5)
    assert not card.pull(5).any()
    await speaker.begin()
    await speaker.play(AudioChunk(np.full(480, 0.25, np.float32), 48000))
    assert np.all(card.pull(1) == 0.25)
    await speaker.close()


async def test_a_gain_lasts_until_the_next_playback() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    await speaker.begin()
    await speaker.play(AudioChunk(np.full(48000, 0.5, np.float32), 48000))
    speaker.set_gain(-12.0)
    assert card.pull(5)[-1] == pytest.approx(0.5 * 10 ** (-12 / 20))
    speaker.stop()
    card.pull(2)
    await speaker.begin()
    await speaker.play(AudioChunk(np.full(480, 0.5, np.float32), 48000))
    assert np.all(card.pull(1) == 0.5)
    await speaker.close()


async def test_without_a_playback_there_is_nothing_to_control() -> None:
    backend, clock = one_of_each(), Clock()
    speaker = _speaker(backend, clock)
    for _ in range(2):
        speaker.set_gain(-12.0)
        speaker.pause()
        await speaker.begin()
        await speaker.play(AudioChunk(np.full(480, 0.5, np.float32), 48000))
        assert np.all(SoundCard(backend, clock).pull(1) == 0.5)
        speaker.stop()
        speaker.resume()
        assert not SoundCard(backend, clock).pull(2).any()
    await speaker.close()


async def test_the_reference_goes_on_when_the_device_is_opened_again() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    reference = speaker.reference
    begun = clock.now + 0.03
    for _ in range(2):
        await speaker.begin()
        await speaker.play(_tone(48000, 0.1))
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
    speaker = _speaker(backend, clock)
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
    speaker = _speaker(backend, clock)
    await speaker.begin()
    await speaker.play(_tone(48000))
    card.pull(5)
    speaker.pause()
    draining = asyncio.create_task(speaker.drain())
    await asyncio.sleep(0)
    backend.stream.finish()
    with pytest.raises(AudioError, match="disconnected"):
        await asyncio.wait_for(draining, 5)
    speaker.resume()
    await speaker.close()


async def test_stop_ends_waiting_and_what_comes_after_it_is_dropped() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    await speaker.begin()
    await speaker.play(_tone(48000, 2.0))
    waiting = asyncio.gather(speaker.play(_tone(48000)), speaker.drain())
    await asyncio.sleep(0)
    speaker.stop()
    card.pull(1)
    await asyncio.wait_for(waiting, 5)
    await speaker.play(_tone(48000))
    await speaker.drain()
    assert not card.pull(5).any()
    await speaker.close()


async def test_the_next_turn_uses_the_open_device_and_counts_from_zero() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    for _ in range(3):
        await speaker.begin()
        async with card.running():
            await speaker.play(_tone(24000, 0.2))
            assert speaker.clock.heard(clock.now) <= 0.2
            await speaker.drain()
        assert speaker.clock.heard(clock.now) == pytest.approx(0.2)
    assert len(backend.streams) == 1
    assert speaker.underruns == 0
    await speaker.close()


async def test_the_first_audible_moment_is_that_of_the_first_sound() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    assert speaker.clock.first_audible is None
    await speaker.begin()
    card.pull(3)
    samples = np.concatenate((np.zeros(1000), np.full(1000, 0.3))).astype(np.float32)
    await speaker.play(AudioChunk(samples, 48000))
    due = clock.now + 0.03 + 1000 / 48000
    card.pull(4)
    assert speaker.clock.first_audible == pytest.approx(due)
    await speaker.close()


async def test_both_channels_of_a_device_that_has_no_mono() -> None:
    backend = FakeBackend(device("HDMI", outputs=2, rate=44100.0))
    backend.refuse = lambda asked: FakePortAudioError("Invalid channels", -9998) if asked["channels"] == 1 else None
    speaker = _speaker(backend, Clock())
    await speaker.begin()
    await speaker.play(AudioChunk(np.full(960, 0.5, np.float32), 48000))
    assert np.all(backend.stream.render() == np.float32(0.5))
    await speaker.close()


async def test_samples_that_come_too_late_are_counted() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    await speaker.begin()
    for _ in range(2):
        await speaker.play(AudioChunk(np.full(480, 0.5, np.float32), 48000))
        card.pull(3)
    assert speaker.underruns == 1
    backend.stream.render(status=OVERFLOW)
    assert speaker.underruns == 2
    await speaker.close()


async def test_no_speaker() -> None:
    speaker = _speaker(FakeBackend(device("Microphone", inputs=1)), Clock())
    with pytest.raises(AudioError, match="There is no speaker") as caught:
        await speaker.begin()
    assert caught.value.code == "no-device"
    await speaker.play(_tone(48000))
    assert speaker.stop() == 0.0
    await speaker.close()


async def test_a_speaker_that_vanishes_while_it_plays() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = _speaker(backend, clock)
    await speaker.begin()
    await speaker.play(_tone(48000))
    card.pull(5)
    draining = asyncio.create_task(speaker.drain())
    await asyncio.sleep(0)
    backend.stream.finish()
    with pytest.raises(AudioError) as caught:
        await asyncio.wait_for(draining, 5)
    assert caught.value.code == "device-lost"
    with pytest.raises(AudioError):
        await speaker.play(_tone(48000))
    await speaker.begin()
    assert len(backend.streams) == 2
    await speaker.play(_tone(48000, 0.1))
    assert card.pull(3).any()
    await speaker.close()


async def test_the_device_is_released_some_time_after_the_last_sound() -> None:
    backend, clock = one_of_each(), Clock()
    speaker = _speaker(backend, clock, keep_open_seconds=0.0)
    await speaker.begin()
    async with SoundCard(backend, clock).running():
        await speaker.play(_tone(48000, 0.05))
        await speaker.drain()
    await asyncio.wait_for(backend.stream.released(), 5)
    await speaker.begin()
    assert len(backend.streams) == 2
    await speaker.close()


async def test_a_new_playback_keeps_the_device_from_being_released() -> None:
    backend, clock = one_of_each(), Clock()
    speaker = _speaker(backend, clock, keep_open_seconds=0.0)
    await speaker.begin()
    speaker.stop()
    await speaker.begin()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not backend.stream.closed
    await speaker.close()


async def test_a_playback_that_begins_just_when_the_device_is_to_be_released() -> None:
    backend, clock = one_of_each(), Clock()
    speaker = _speaker(backend, clock, keep_open_seconds=0.0)
    await speaker.begin()
    speaker.stop()
    for _ in range(2):  # by now the release is under way, but has not begun to close the device
        await asyncio.sleep(0)
    await speaker.begin()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not backend.stream.closed
    await speaker.play(_tone(48000, 0.1))
    assert SoundCard(backend, clock).pull(3).any()
    await speaker.close()


async def test_closing_while_the_device_is_being_opened() -> None:
    backend, clock = one_of_each(), Clock()
    backend.hang = threading.Event()
    speaker = _speaker(backend, clock)
    beginning = asyncio.create_task(speaker.begin())
    await asyncio.sleep(0)
    closing = asyncio.create_task(speaker.close())
    await asyncio.sleep(0)
    backend.hang.set()
    await asyncio.wait_for(asyncio.gather(beginning, closing), 5)
    assert backend.stream.closed
    await speaker.play(_tone(48000, 3.0))  # more than the queue takes, and nobody is there to play it
    await speaker.drain()


async def test_closing_in_the_middle_ends_a_waiting_playback() -> None:
    backend, clock = one_of_each(), Clock()
    speaker = _speaker(backend, clock)
    await speaker.begin()
    await speaker.play(_tone(48000, 2.0))
    draining = asyncio.create_task(speaker.drain())
    await asyncio.sleep(0)
    await speaker.close()
    await asyncio.wait_for(draining, 5)
    await speaker.close()
