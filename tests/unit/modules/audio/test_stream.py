from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from modules.audio.base import AudioError
from modules.audio.stream import DeviceStream
from tests.unit.modules.audio.fake_backend import FakeBackend, FakePortAudioError, one_of_each


def _stream(backend: FakeBackend, lost: list[AudioError], open_seconds: float = 5.0) -> DeviceStream:
    return DeviceStream(
        "output",
        "",
        480,
        connect=lambda _: lambda block, moment, lost_samples: None,
        on_lost=lost.append,
        backend=backend,
        open_seconds=open_seconds,
    )


async def test_a_sound_server_that_never_answers() -> None:
    backend = one_of_each()
    backend.hang = threading.Event()
    stream = _stream(backend, [], open_seconds=0.02)
    with pytest.raises(AudioError, match="does not answer") as caught:
        await stream.open()
    assert caught.value.code == "device-unavailable"
    backend.hang.set()
    await stream.close()
    assert [opened.closed for opened in backend.streams] == [True]


async def test_a_device_that_fails_when_nobody_waits_any_more() -> None:
    backend = one_of_each()
    backend.hang = threading.Event()
    backend.refuse = lambda _: FakePortAudioError("Host error", -9999)
    stream = _stream(backend, [], open_seconds=0.02)
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    with pytest.raises(AudioError, match="does not answer"):
        await stream.open()
    backend.hang.set()
    await stream.close()
    gc.collect()
    assert complaints == []


async def test_a_device_is_lost_once() -> None:
    backend = one_of_each()
    lost: list[AudioError] = []
    stream = _stream(backend, lost)
    await stream.open()
    backend.stream.finish()
    backend.stream.finish()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [error.code for error in lost] == ["device-lost"]
    await stream.close()
    assert backend.stream.closed


async def test_closing_is_not_losing_and_ends_the_thread() -> None:
    before = set(threading.enumerate())
    backend = one_of_each()
    lost: list[AudioError] = []
    stream = _stream(backend, lost)
    await stream.open()
    started = set(threading.enumerate()) - before
    await stream.close()
    await stream.close()
    for thread in started:
        thread.join(5)
    assert lost == []
    assert len(started) == 1
    assert not any(thread.is_alive() for thread in started)
