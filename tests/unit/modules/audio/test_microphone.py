from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from modules.audio.base import AudioChunk, AudioError, AudioSource, Samples
from modules.audio.microphone import Microphone
from tests.unit.modules.audio.fake_backend import OVERFLOW, FakeBackend, FakePortAudioError, device, one_of_each


def _sine(rate: int, seconds: float = 1.0) -> Samples:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


def _speak(backend: FakeBackend, samples: Samples, block: int = 480) -> None:
    channels = backend.stream.parameters["channels"]
    for at in range(0, samples.shape[0], block):
        backend.stream.capture(np.repeat(samples[at : at + block, np.newaxis], channels, axis=1))


async def _take_all(microphone: Microphone) -> list[AudioChunk]:
    return [chunk async for chunk in microphone.chunks()]


async def _take_into(received: list[AudioChunk], microphone: Microphone) -> None:
    async for chunk in microphone.chunks():
        received.append(chunk)


async def test_it_asks_for_short_mono_blocks_at_48_khz() -> None:
    backend = one_of_each()
    microphone: AudioSource = Microphone(backend=backend)
    await microphone.open()
    asked = backend.stream.parameters
    assert (asked["samplerate"], asked["channels"], asked["blocksize"]) == (48000, 1, 480)
    assert (asked["latency"], asked["dtype"], asked["device"]) == ("low", "float32", 0)
    assert backend.stream.started
    await microphone.close()
    assert backend.stream.closed


async def test_all_that_was_captured_before_close_is_delivered() -> None:
    backend = one_of_each()
    microphone = Microphone(backend=backend)
    await microphone.open()
    _speak(backend, _sine(48000))
    await microphone.close()
    chunks = await _take_all(microphone)
    joined = np.concatenate([chunk.samples for chunk in chunks])
    assert joined.shape[0] == 16000
    assert np.max(np.abs(joined[500:-500] - _sine(16000)[500:-500])) < 1e-3
    assert all(160 <= chunk.frames <= 512 for chunk in chunks)
    assert {chunk.sample_rate for chunk in chunks} == {16000}


async def test_chunks_arrive_while_it_is_open() -> None:
    backend = one_of_each()
    microphone = Microphone(backend=backend)
    await microphone.open()
    chunks = microphone.chunks()
    index = 0
    for _ in range(10):
        _speak(backend, _sine(48000, 0.05))
        chunk = await asyncio.wait_for(anext(chunks), 5)
        assert chunk.frame_index == index
        assert 160 <= chunk.frames <= 512
        index += chunk.frames
    await microphone.close()


async def test_the_time_of_a_chunk_is_when_it_was_captured() -> None:
    backend = one_of_each()
    now = 500.0
    microphone = Microphone(backend=backend, clock=lambda: now)
    await microphone.open()
    for number in range(100):
        now = 500.0 + (number + 1) * 0.01 + 0.004  # each block arrives 4 ms after its end
        backend.stream.capture(np.zeros((480, 1), np.float32), age=0.014)
    await microphone.close()
    for chunk in await _take_all(microphone):
        assert chunk.time == pytest.approx(500.0 + chunk.frame_index / 16000, abs=1e-6)


@pytest.mark.parametrize("age", [0.0, 0.003, -4.0, 900.0])
async def test_times_that_cannot_be_are_replaced_by_the_latency(age: float) -> None:
    backend = one_of_each()
    microphone = Microphone(backend=backend, clock=lambda: 500.0)
    await microphone.open()
    backend.stream.capture(np.zeros((4800, 1), np.float32), age=age)
    await microphone.close()
    assert (await _take_all(microphone))[0].time == pytest.approx(499.9)


async def test_a_device_that_insists_on_its_own_rate_and_channels() -> None:
    backend = FakeBackend(device("USB", inputs=2, rate=44100.0))
    backend.refuse = lambda asked: (
        None if (asked["samplerate"], asked["channels"]) == (44100, 2) else FakePortAudioError("Invalid", -9997)
    )
    microphone = Microphone(backend=backend)
    await microphone.open()
    assert backend.stream.parameters["blocksize"] == 441
    tone = _sine(44100)
    stereo = np.stack((tone, np.zeros_like(tone)), axis=1)
    for at in range(0, 44100, 441):
        backend.stream.capture(stereo[at : at + 441])
    await microphone.close()
    chunks = await _take_all(microphone)
    joined = np.concatenate([chunk.samples for chunk in chunks])
    assert joined.shape[0] == 16000
    assert np.max(np.abs(joined)) == pytest.approx(0.25, abs=0.01)
    assert all(160 <= chunk.frames <= 512 for chunk in chunks)


async def test_no_microphone() -> None:
    backend = FakeBackend(device("HDMI", outputs=2))
    with pytest.raises(AudioError) as caught:
        await Microphone(backend=backend).open()
    assert caught.value.code == "no-device"


async def test_a_microphone_that_is_taken() -> None:
    backend = one_of_each()
    asked: list[object] = []

    def refuse(parameters: object) -> Exception:
        asked.append(parameters)
        return FakePortAudioError("Error opening InputStream: Device unavailable", -9985)

    backend.refuse = refuse
    microphone = Microphone(backend=backend)
    with pytest.raises(AudioError, match="Close the program that uses it") as caught:
        await microphone.open()
    assert caught.value.code == "device-unavailable"
    assert caught.value.retryable
    assert len(asked) == 2  # once more with a fresh list of devices, and no other formats
    backend.refuse = lambda _: None
    await microphone.open()
    assert backend.stream.started
    await microphone.close()


async def test_a_microphone_that_does_not_start_is_closed() -> None:
    backend = one_of_each()
    backend.refuse_start = FakePortAudioError("Unanticipated host error", -9999)
    with pytest.raises(AudioError) as caught:
        await Microphone(backend=backend).open()
    assert caught.value.code == "device-unavailable"
    assert backend.streams
    assert all(stream.closed for stream in backend.streams)


async def test_a_microphone_that_vanishes() -> None:
    backend = one_of_each()
    microphone = Microphone(backend=backend)
    await microphone.open()
    _speak(backend, _sine(48000, 0.1))
    backend.stream.finish()
    received: list[AudioChunk] = []
    with pytest.raises(AudioError) as caught:
        await _take_into(received, microphone)
    assert caught.value.code == "device-lost"
    assert sum(chunk.frames for chunk in received) == 1600
    lost = backend.stream
    await microphone.open()
    assert lost.closed
    assert backend.initialized == 2  # the list of devices was refreshed before
    await microphone.close()


async def test_a_microphone_that_falls_silent_for_good() -> None:
    backend = one_of_each()
    microphone = Microphone(backend=backend, watch_seconds=0.02)
    await microphone.open()
    _speak(backend, _sine(48000, 0.1))
    with pytest.raises(AudioError) as caught:
        await asyncio.wait_for(_take_all(microphone), 5)
    assert caught.value.code == "device-lost"
    await microphone.close()


async def test_samples_that_nobody_takes_are_counted_as_lost() -> None:
    backend = one_of_each()
    microphone = Microphone(backend=backend)
    assert microphone.overruns == 0
    await microphone.open()
    backend.stream.capture(np.zeros((480, 1), np.float32), status=OVERFLOW)
    assert microphone.overruns == 1
    _speak(backend, np.zeros(10 * 48000, np.float32))
    assert microphone.overruns == 2
    await microphone.close()
    assert sum(chunk.frames for chunk in await _take_all(microphone)) == 160000


async def test_closing_is_not_losing() -> None:
    backend = one_of_each()
    microphone = Microphone(backend=backend)
    await microphone.open()
    await microphone.close()
    await microphone.close()
    assert await _take_all(microphone) == []


async def test_one_that_was_never_opened_has_nothing() -> None:
    microphone = Microphone(backend=one_of_each())
    await microphone.close()
    assert await _take_all(microphone) == []


async def test_opening_that_is_cancelled_leaves_nothing_open() -> None:
    backend = one_of_each()
    backend.hang = threading.Event()
    opening = asyncio.create_task(Microphone(backend=backend).open())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.sleep(0)
    backend.hang.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert all(stream.closed for stream in backend.streams)


async def test_a_busy_machine_does_not_lose_the_end() -> None:
    backend = one_of_each()
    now = 500.0
    microphone = Microphone(backend=backend, clock=lambda: now)
    await microphone.open()
    now = 500.01
    backend.stream.capture(np.zeros((480, 1), np.float32))
    now = 500.11  # the key is released; the blocks of the last 0.1 s have not been handed over
    closing = asyncio.create_task(microphone.close())
    await asyncio.sleep(0)
    for late in range(10):
        backend.stream.capture(np.zeros((480, 1), np.float32), age=0.1 - 0.01 * late)
    await closing
    assert sum(chunk.frames for chunk in await _take_all(microphone)) == 1760


async def test_a_device_that_hands_over_nothing_any_more_can_be_closed() -> None:
    backend = one_of_each()
    now = 500.0
    microphone = Microphone(backend=backend, clock=lambda: now)
    await microphone.open()
    now = 501.0
    await microphone.close()
    assert backend.stream.closed
    assert await _take_all(microphone) == []
