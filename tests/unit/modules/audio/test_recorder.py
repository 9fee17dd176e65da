from __future__ import annotations

import asyncio

import numpy as np
import pytest

from modules.audio.base import AudioChunk, AudioOutput, PlaybackClock, PlaybackReference
from modules.audio.recorder import RecorderOutput


class VirtualTime:
    def __init__(self) -> None:
        self.now = 1000.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def _level(seconds: float, level: float = 0.5, rate: int = 48000) -> AudioChunk:
    return AudioChunk(np.full(round(seconds * rate), level, np.float32), rate)


def _virtual_speaker(time: VirtualTime) -> RecorderOutput:
    return RecorderOutput(realtime=True, clock=time.clock, sleep=time.sleep)


async def test_everything_is_collected_at_one_rate() -> None:
    recorder = RecorderOutput()
    output: AudioOutput = recorder
    await output.begin()
    for rate in (24000, 22050, 48000):
        await output.play(_level(0.5, rate=rate))
    await output.drain()
    assert recorder.recording.sample_rate == 48000
    assert recorder.recording.frames == pytest.approx(72000, abs=2)
    assert output.clock.heard(0.0) == pytest.approx(1.5, abs=1e-3)


async def test_without_real_time_all_is_heard_at_once() -> None:
    time = VirtualTime()
    recorder = RecorderOutput(16000, clock=time.clock, sleep=time.sleep)
    await recorder.begin()
    await recorder.play(_level(3.0, 0.005, 16000))
    before = recorder.first_audible
    assert before is None
    time.now += 0.25
    await recorder.play(_level(3.0, 0.5, 16000))
    await recorder.drain()
    assert time.now == 1000.25
    assert recorder.heard(time.now) == 6.0
    assert recorder.first_audible == 1003.0  # after the silence, as a speaker would have played it
    assert recorder.stop() == 6.0
    assert recorder.recording.seconds == 6.0


async def test_a_virtual_speaker_plays_in_its_own_time() -> None:
    time = VirtualTime()
    recorder = _virtual_speaker(time)
    clock: PlaybackClock = recorder.clock
    await recorder.begin()
    await recorder.play(_level(1.0, 0.0))
    await recorder.play(_level(0.5))
    assert time.clock() == 1000.0
    time.now = 1000.75
    assert clock.heard(time.now) == pytest.approx(0.75)
    assert clock.first_audible is None
    await recorder.drain()
    assert time.now == pytest.approx(1001.5)
    assert clock.first_audible == pytest.approx(1001.0)
    assert clock.heard(1009.0) == pytest.approx(1.5)


async def test_a_virtual_speaker_takes_two_seconds_ahead() -> None:
    time = VirtualTime()
    recorder = _virtual_speaker(time)
    await recorder.begin()
    await recorder.play(_level(2.0))
    assert time.clock() == 1000.0
    await recorder.play(_level(1.5))
    assert time.now == pytest.approx(1001.5)


async def test_what_comes_late_is_heard_late_and_recorded_without_the_gap() -> None:
    time = VirtualTime()
    recorder = _virtual_speaker(time)
    await recorder.begin()
    await recorder.play(_level(0.5))
    time.now = 1002.0
    await recorder.play(_level(0.5))
    assert recorder.heard(1001.9) == pytest.approx(0.5)
    time.now = 1002.1
    assert recorder.heard(time.now) == pytest.approx(0.6)
    await recorder.drain()
    assert recorder.recording.seconds == 1.0


async def test_stop_keeps_only_what_was_heard() -> None:
    time = VirtualTime()
    recorder = _virtual_speaker(time)
    await recorder.begin()
    await recorder.play(_level(1.8))
    time.now += 0.7
    assert recorder.stop() == pytest.approx(0.7)
    time.now += 5
    await recorder.play(_level(1.0))
    await recorder.drain()
    assert recorder.heard(time.now) == recorder.stop() == pytest.approx(0.71)  # with the block in which it faded out
    heard = recorder.recording
    assert heard.seconds == pytest.approx(0.71)
    assert np.all(heard.samples[: 48 * 700] == 0.5)
    assert abs(heard.samples[-1]) < 1e-3


async def test_a_pause_shifts_what_is_scheduled() -> None:
    time = VirtualTime()
    recorder = _virtual_speaker(time)
    await recorder.begin()
    await recorder.play(_level(0.5))
    time.now += 0.2
    recorder.pause()
    time.now += 3.0
    assert recorder.heard(time.now) == pytest.approx(0.2)
    recorder.resume()
    assert recorder.heard(time.now + 1.0) == pytest.approx(0.2)
    await recorder.drain()
    assert time.now == pytest.approx(1003.5)
    assert recorder.heard(time.now) == pytest.approx(0.5)
    assert recorder.recording.seconds == pytest.approx(0.51)  # the 10 ms of the fade are played twice


async def test_the_recording_is_as_loud_as_what_was_heard() -> None:
    time = VirtualTime()
    recorder = _virtual_speaker(time)
    await recorder.begin()
    await recorder.play(_level(1.0))
    time.now += 0.5
    recorder.set_gain(-12.0)
    await recorder.drain()
    samples = recorder.recording.samples
    assert samples[48 * 500 - 1] == 0.5
    assert np.all(np.abs(samples[48 * 520 :] - 0.5 * 0.2512) < 1e-4)
    await recorder.begin()
    await recorder.play(_level(0.1))
    await recorder.drain()
    assert np.all(recorder.recording.samples == 0.5)


async def test_the_reference_of_a_virtual_speaker_is_what_it_plays_when() -> None:
    time = VirtualTime()
    recorder = _virtual_speaker(time)
    reference: PlaybackReference = recorder.reference
    await recorder.begin()
    await recorder.play(_level(1.0))
    time.now += 0.3
    recorder.stop()
    time.now += 0.2
    heard = reference.read(999.9, 1000.5)
    assert (heard.sample_rate, heard.frames) == (48000, 28800)
    assert not heard.samples[:4800].any()
    assert np.all(heard.samples[4800 : 4800 + 14400] == 0.5)
    assert not heard.samples[4800 + 14400 + 480 :].any()
    await recorder.begin()
    await recorder.play(_level(1.0, 0.25))
    time.now += 0.1
    assert np.all(recorder.reference.read(1000.5, 1000.6).samples == 0.25)
    assert np.array_equal(reference.read(999.9, 1000.5).samples, heard.samples)


async def test_without_real_time_a_pause_holds_what_comes_after_it() -> None:
    recorder = RecorderOutput(16000)
    await recorder.begin()
    await recorder.play(_level(1.0, rate=16000))
    recorder.pause()
    playing = asyncio.create_task(recorder.play(_level(0.5, rate=16000)))
    await asyncio.sleep(0)
    assert recorder.heard(0.0) == 1.0
    assert not playing.done()
    recorder.resume()
    await asyncio.wait_for(playing, 5)
    assert recorder.heard(0.0) == 1.5
    recorder.pause()
    waiting = asyncio.gather(recorder.play(_level(0.5, rate=16000)), recorder.drain())
    await asyncio.sleep(0)
    assert recorder.stop() == 1.5
    await asyncio.wait_for(waiting, 5)
    assert recorder.recording.seconds == 1.5


async def test_without_real_time_a_gain_changes_what_comes_after_it() -> None:
    recorder = RecorderOutput(16000)
    await recorder.begin()
    chunk = _level(0.5, rate=16000)
    await recorder.play(chunk)
    recorder.set_gain(-6.0)
    await recorder.play(chunk)
    samples = recorder.recording.samples
    assert np.all(samples[:8000] == 0.5)
    assert np.all(np.abs(samples[8400:] - 0.25) < 1e-3)
    assert np.all(chunk.samples == 0.5)
    assert not recorder.reference.read(0.0, 0.01).samples.any()


async def test_stop_ends_waiting() -> None:
    recorder = RecorderOutput(realtime=True)
    await recorder.begin()
    waiting = asyncio.gather(recorder.play(_level(10.0)))
    await asyncio.sleep(0)
    recorder.stop()
    await asyncio.wait_for(waiting, 5)


async def test_a_new_playback_starts_a_new_recording() -> None:
    recorder = RecorderOutput(16000)
    await recorder.begin()
    await recorder.play(_level(1.0, rate=16000))
    await recorder.begin()
    assert recorder.recording.frames == 0
    await recorder.play(_level(0.25, rate=16000))
    await recorder.close()
    assert recorder.recording.seconds == 0.25


async def test_nothing_is_recorded_before_the_first_playback() -> None:
    recorder = RecorderOutput()
    await recorder.play(_level(1.0))
    await recorder.drain()
    assert recorder.recording.frames == 0
    assert recorder.heard(0.0) == 0.0
    assert recorder.stop() == 0.0


async def test_an_empty_chunk_changes_nothing() -> None:
    recorder = RecorderOutput(realtime=True)
    await recorder.begin()
    await recorder.play(_level(0.0))
    await recorder.drain()
    assert recorder.recording.frames == 0
