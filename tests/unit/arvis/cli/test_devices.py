"""`arvis devices`."""

from __future__ import annotations

import pytest

from modules.audio.base import AudioError
from modules.audio.devices import AudioDevice
from tests.unit.arvis.cli.conftest import Command

MICROPHONE = AudioDevice(0, "Desk Mic", "input", 1, 48_000, True, "ALSA")
SPEAKERS = [
    AudioDevice(1, "Headset", "output", 2, 48_000, False, "ALSA"),
    AudioDevice(2, "Monitor", "output", 2, 44_100, True, "ALSA"),
]


def there_are(monkeypatch: pytest.MonkeyPatch, devices: list[AudioDevice]) -> None:
    monkeypatch.setattr("modules.audio.devices.list_devices", lambda: devices)


def test_devices_are_listed_with_the_default_marked(arvis: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    there_are(monkeypatch, [MICROPHONE, *SPEAKERS])
    result = arvis("devices")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Microphones:",
        "* Desk Mic  (ALSA, 48000 Hz, 1 channels)",
        "Speakers:",
        "  Headset  (ALSA, 48000 Hz, 2 channels)",
        "* Monitor  (ALSA, 44100 Hz, 2 channels)",
    ]


def test_none_is_said(arvis: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    there_are(monkeypatch, [])
    assert arvis("devices").stdout.splitlines() == ["Microphones:", "  none", "Speakers:", "  none"]


def test_json(arvis: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    there_are(monkeypatch, [MICROPHONE, *SPEAKERS])
    told = arvis.json("devices")
    assert told["inputs"] == [
        {"name": "Desk Mic", "default": True, "channels": 1, "sample_rate": 48_000, "host_api": "ALSA"}
    ]
    assert [device["name"] for device in told["outputs"]] == ["Headset", "Monitor"]


def test_a_missing_library_is_one_sentence(arvis: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> list[AudioDevice]:
        raise AudioError("portaudio-missing", "PortAudio is not installed.")

    monkeypatch.setattr("modules.audio.devices.list_devices", missing)
    assert arvis.fails("devices") == "PortAudio is not installed."
    assert arvis.json("devices", code=1)["error"]["code"] == "portaudio-missing"
