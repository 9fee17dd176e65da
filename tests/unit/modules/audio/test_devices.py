from __future__ import annotations

import pytest

from modules.audio.base import AudioError
from modules.audio.devices import AudioDevice, find_device, list_devices
from modules.audio.portaudio import portaudio
from tests.unit.modules.audio.fake_backend import FakeBackend, device


def _desk() -> FakeBackend:
    return FakeBackend(
        device("HDA Intel PCH: ALC257 Analog (hw:0,0)", inputs=2, outputs=2, rate=48000.0),
        device("USB Headset: Audio (hw:1,0)", inputs=1, outputs=2, rate=44100.0),
        device("default", inputs=32, outputs=32),
        device("USB Headset: Audio (hw:1,0)", inputs=1, outputs=2, api=1),
        default=(2, 2),
    )


def test_both_directions_of_every_device_are_listed() -> None:
    found = list_devices(_desk())
    assert len(found) == 8
    assert found[3] == AudioDevice(
        index=1,
        name="USB Headset: Audio (hw:1,0)",
        kind="output",
        channels=2,
        default_sample_rate=44100,
        is_default=False,
        host_api="ALSA",
    )
    assert [(item.name, item.kind) for item in found if item.is_default] == [
        ("default", "input"),
        ("default", "output"),
    ]


def test_a_direction_without_channels_is_not_a_device() -> None:
    found = list_devices(FakeBackend(device("HDMI", outputs=8)))
    assert [(item.name, item.kind) for item in found] == [("HDMI", "output")]


@pytest.mark.parametrize(
    ("name", "index"), [("", 2), ("  ", 2), ("default", 2), ("pch", 0), ("usb headset", 1), ("HEADSET: audio", 1)]
)
def test_a_device_is_found_by_a_part_of_its_name(name: str, index: int) -> None:
    assert find_device("input", name, _desk()).index == index


def test_an_exact_name_wins_over_parts() -> None:
    backend = FakeBackend(device("default plus", inputs=1), device("default", inputs=1))
    assert find_device("input", "Default", backend).index == 1


def test_the_first_device_serves_where_the_system_has_no_default() -> None:
    backend = FakeBackend(device("HDMI", outputs=2), device("Microphone", inputs=1), default=(-1, -1))
    assert find_device("input", "", backend).name == "Microphone"


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(AudioError, match="microphone named 'Yeti'") as caught:
        find_device("input", "Yeti", _desk())
    assert caught.value.code == "unknown-device"
    assert "HDA Intel PCH: ALC257 Analog (hw:0,0), USB Headset: Audio (hw:1,0), default." in caught.value.message


def test_an_ambiguous_name_lists_what_it_could_mean() -> None:
    with pytest.raises(AudioError, match="could mean several speakers") as caught:
        find_device("output", "hw:", _desk())
    assert caught.value.code == "ambiguous-device"
    assert caught.value.message.endswith("HDA Intel PCH: ALC257 Analog (hw:0,0), USB Headset: Audio (hw:1,0).")


@pytest.mark.parametrize(("kind", "word"), [("input", "microphone"), ("output", "speaker")])
def test_no_device_at_all(kind: str, word: str) -> None:
    with pytest.raises(AudioError, match=f"There is no {word}") as caught:
        find_device(kind, "", FakeBackend(default=(-1, -1)))  # type: ignore[arg-type]  # parametrized
    assert caught.value.code == "no-device"


def test_a_device_plugged_in_later_is_found() -> None:
    backend = FakeBackend(default=(-1, -1))
    assert list_devices(backend) == []
    backend.plugged.append(device("USB Headset", inputs=1, outputs=2))
    backend.plugged_default = (0, 0)
    assert find_device("output", "usb", backend).index == 0
    assert backend.initialized == 3


def test_the_list_can_be_read_without_looking_again() -> None:
    backend = _desk()
    assert len(list_devices(backend, refresh=False)) == 8
    assert backend.initialized == 1


def test_the_list_is_not_torn_down_under_an_open_stream() -> None:
    backend = _desk()
    portaudio(backend).opened()
    with pytest.raises(AudioError) as caught:
        find_device("input", "Yeti", backend)
    assert caught.value.code == "unknown-device"
    assert backend.initialized == 1
