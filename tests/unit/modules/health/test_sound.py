"""Microphone and speaker, with devices that work, fail, hang or stay silent."""

from __future__ import annotations

from modules.audio.base import AudioError
from modules.audio.devices import AudioDevice
from modules.health.base import Status
from modules.health.sound import check_microphone, check_presence, check_speaker
from tests.fakes.audio import FakeOutput, FakeSource
from tests.fakes.clock import run_virtual

GONE = AudioError("no-device", "There is none.", retryable=True)


def test_a_microphone_that_works() -> None:
    source = FakeSource(level=0.2)
    found = run_virtual(lambda: check_microphone(source))
    assert (found.status, found.figures) == (Status.HEALTHY, {"peak": 0.2})
    assert (source.opened, source.is_open) == (1, False)


def test_a_muted_microphone() -> None:
    found = run_virtual(lambda: check_microphone(FakeSource(level=0.0)))
    assert (found.status, found.figures) == (Status.DEGRADED, {"peak": 0.0})
    assert "Unmute" in found.remedy


def test_a_microphone_that_delivers_nothing() -> None:
    found = run_virtual(lambda: check_microphone(FakeSource(seconds=0)))
    assert (found.status, found.reason) == (Status.UNHEALTHY, "The microphone delivers no sound.")


def test_no_microphone_leaves_files_and_text() -> None:
    found = run_virtual(lambda: check_microphone(FakeSource(open_error=GONE)))
    assert (found.status, found.reason) == (Status.UNHEALTHY, "There is none.")
    assert "arvis ask --audio" in found.remedy


def test_a_speaker_that_works() -> None:
    output = FakeOutput()
    found = run_virtual(lambda: check_speaker(output))
    assert found.status is Status.HEALTHY
    assert [(chunk.seconds, float(abs(chunk.samples).max())) for chunk in output.played] == [(0.1, 0.0)]
    assert not output.is_open


def test_no_speaker_leaves_reading() -> None:
    found = run_virtual(lambda: check_speaker(FakeOutput(begin_error=GONE)))
    assert (found.status, found.reason) == (Status.UNHEALTHY, "There is none.")
    assert "arvis ask --save" in found.remedy


DEVICE = AudioDevice(0, "Desk microphone", "input", 1, 48_000, True, "ALSA")


def test_a_device_that_is_there_is_not_opened() -> None:
    found = check_presence(lambda: DEVICE, "Type instead.")
    assert (found.status, found.reason) == (Status.HEALTHY, "Desk microphone is there.")


def test_a_device_that_was_silent_when_it_was_in_use() -> None:
    found = check_presence(lambda: DEVICE, "Type instead.", is_silent=True)
    assert (found.status, "muted by the system" in found.reason) == (Status.DEGRADED, True)
    assert "Unmute" in found.remedy


def test_a_device_that_was_unplugged() -> None:
    def find() -> AudioDevice:
        raise GONE

    found = check_presence(find, "Type instead.")
    assert (found.status, found.reason, found.remedy) == (Status.UNHEALTHY, "There is none.", "Type instead.")
