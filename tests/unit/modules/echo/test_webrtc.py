from __future__ import annotations

import importlib
import sys
from types import ModuleType

import numpy as np
import pytest

from modules.echo.base import EchoError
from modules.echo.webrtc import WebRtcEchoCanceller
from modules.engine import LoadProgress
from tests.unit.modules.echo.fakes import FakeRtc, Tape


@pytest.fixture
def rtc(monkeypatch: pytest.MonkeyPatch) -> FakeRtc:
    fake = FakeRtc()
    module = ModuleType("livekit.rtc")
    module.__dict__.update(AudioFrame=fake.AudioFrame, AudioProcessingModule=fake.AudioProcessingModule)
    monkeypatch.setitem(sys.modules, "livekit.rtc", module)
    return fake


async def test_it_loads_once_and_works_until_it_is_closed(rtc: FakeRtc) -> None:
    canceller = WebRtcEchoCanceller()
    silence = Tape(np.zeros(1, np.float32))
    with pytest.raises(EchoError) as caught:
        canceller.open(silence)
    assert caught.value.code == "not-loaded"
    steps: list[LoadProgress] = []
    await canceller.load(steps.append)
    await canceller.load(steps.append)
    assert [(step.engine, step.note) for step in steps] == [("webrtc", "Loading the echo canceller")]
    assert len(rtc.modules) == 1
    assert not canceller.open(silence).settled
    await canceller.close()
    with pytest.raises(EchoError):
        canceller.open(silence)


async def test_the_warm_up_runs_the_cancellers(rtc: FakeRtc) -> None:
    canceller = WebRtcEchoCanceller()
    with pytest.raises(EchoError):
        await canceller.warm_up()
    await canceller.load()
    assert await canceller.warm_up() > 0.0
    assert rtc.modules[-1].frames >= 20


async def test_a_missing_package_is_told_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc", None)
    with pytest.raises(EchoError, match="pip install livekit") as caught:
        await WebRtcEchoCanceller().load()
    assert caught.value.code == "missing-dependency"


async def test_a_library_that_does_not_fit_the_system_is_told(rtc: FakeRtc, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: bool) -> None:
        raise ImportError("failed to load liblivekit_ffi.so: GLIBC_2.99 not found\nInstall ...")

    monkeypatch.setattr(importlib.import_module("livekit.rtc"), "AudioProcessingModule", fail)
    with pytest.raises(EchoError, match=r"GLIBC_2\.99 not found\)") as caught:
        await WebRtcEchoCanceller().load()
    assert caught.value.code == "library-broken"
