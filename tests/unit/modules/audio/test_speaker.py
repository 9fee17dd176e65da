"""What is played is heard, paused, stopped and counted, on a device in virtual time."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from modules.audio.base import AudioChunk, AudioOutput
from tests.unit.modules.audio.fake_backend import OVERFLOW, Clock, SoundCard, make_speaker, one_of_each, sine


async def test_what_is_played_in_pieces_is_heard_as_a_whole() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker: AudioOutput = make_speaker(backend, clock)
    await speaker.begin()
    asked = backend.stream.parameters
    assert (asked["samplerate"], asked["channels"], asked["blocksize"], asked["latency"]) == (48000, 1, 480, "low")
    tone = sine(24000)
    async with card.running():
        for at in range(0, 24000, 2400):
            await speaker.play(AudioChunk(tone.samples[at : at + 2400], 24000))
        await speaker.drain()
    played = np.concatenate(card.played)
    first = int(np.flatnonzero(played)[0])
    expected = sine(48000).samples
    assert np.max(np.abs(played[first : first + 48000][1000:-1000] - expected[1000:-1000])) < 1e-3
    assert speaker.clock.heard(clock.now) == pytest.approx(1.0)
    await speaker.close()
    assert backend.stream.closed


async def test_drain_waits_until_the_last_sample_has_left_the_speaker() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = make_speaker(backend, clock)
    await speaker.begin()
    await speaker.play(sine(48000, 0.1))
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
    speaker = make_speaker(backend, clock)
    await speaker.begin()
    await speaker.play(sine(48000, 2.0))
    playing = asyncio.create_task(speaker.play(sine(48000, 0.5)))
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
    speaker = make_speaker(backend, clock)
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
    speaker = make_speaker(backend, clock)
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
    speaker = make_speaker(backend, clock)
    await speaker.begin()
    await speaker.play(sine(48000))
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
    speaker = make_speaker(backend, clock)
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
    speaker = make_speaker(backend, clock)
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


async def test_stop_ends_waiting_and_what_comes_after_it_is_dropped() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = make_speaker(backend, clock)
    await speaker.begin()
    await speaker.play(sine(48000, 2.0))
    waiting = asyncio.gather(speaker.play(sine(48000)), speaker.drain())
    await asyncio.sleep(0)
    speaker.stop()
    card.pull(1)
    await asyncio.wait_for(waiting, 5)
    await speaker.play(sine(48000))
    await speaker.drain()
    assert not card.pull(5).any()
    await speaker.close()


async def test_the_first_audible_moment_is_that_of_the_first_sound() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = make_speaker(backend, clock)
    assert speaker.clock.first_audible is None
    await speaker.begin()
    card.pull(3)
    samples = np.concatenate((np.zeros(1000), np.full(1000, 0.3))).astype(np.float32)
    await speaker.play(AudioChunk(samples, 48000))
    due = clock.now + 0.03 + 1000 / 48000
    card.pull(4)
    assert speaker.clock.first_audible == pytest.approx(due)
    await speaker.close()


async def test_samples_that_come_too_late_are_counted() -> None:
    backend, clock = one_of_each(), Clock()
    card = SoundCard(backend, clock)
    speaker = make_speaker(backend, clock)
    await speaker.begin()
    for _ in range(2):
        await speaker.play(AudioChunk(np.full(480, 0.5, np.float32), 48000))
        card.pull(3)
    assert speaker.underruns == 1
    backend.stream.render(status=OVERFLOW)
    assert speaker.underruns == 2
    await speaker.close()
