from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from modules.audio.headset import is_headset, names_headset, read_default_sink
from tests.unit.modules.audio.fake_backend import FakeBackend, device


@pytest.mark.parametrize(
    "name",
    [
        "Headphones",
        "Headphone (Realtek(R) Audio)",
        "Headset (WH-1000XM4 Hands-Free AG Audio)",
        "Headset Earphone (Jabra EVOLVE 20)",
        "USB Headset: Audio (hw:1,0)",
        "Head Set",
        "AirPods Pro",
        "Anna's AirPods Max",
        "External Headphones",
        "Galaxy Buds2 (1A2B)",
        "FreeBuds 4i",
        "WH-1000XM5",
        "WF-1000XM4",
        "Bose QuietComfort 35",
        "HyperX Cloud II Wireless: USB Audio (hw:2,0)",
        "SteelSeries Arctis 7 Game",
        "Plantronics Blackwire 5220",
        "Kopfhörer (2- USB Audio)",
        "Casque Bluetooth",
        "Écouteurs",
        "Auriculares (Realtek)",
        "Cuffie",
        "蓝牙耳机",
        "ヘッドホン (Realtek)",
    ],
)
def test_names_of_things_on_the_ears(name: str) -> None:
    assert names_headset(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "default",
        "HDA Intel PCH: ALC257 Analog (hw:0,0)",
        "Speakers (Realtek(R) Audio)",
        "Speakers/Headphones (Realtek Audio)",
        "MacBook Pro Speakers",
        "HDMI 0",
        "Jabra Speak 510 USB",
        "Headphone Speaker Dock",
        "Kopfhörer/Lautsprecher",
        "Bluetooth Speaker",
        "Overhead projector",
        "Ahead Settings",
        "Budapest Audio",
        "JBL Flip 5",
        "UE BOOM 2",
    ],
)
def test_names_of_things_in_the_room_and_names_that_say_nothing(name: str) -> None:
    assert not names_headset(name)


def _sink(
    form: str | None = None, port: str | None = None, port_type: str = "", description: str = "Built-in Audio Analog"
) -> dict[str, Any]:
    ports = [{"name": "analog-output-speaker", "type": "Speaker"}]
    if port is not None:
        ports.append({"name": port, "type": port_type})
    return {
        "name": "sink",
        "description": description,
        "properties": {} if form is None else {"device.form_factor": form},
        "ports": ports,
        "active_port": port or "analog-output-speaker",
    }


SINKS: dict[str, tuple[Mapping[str, Any] | None, bool]] = {
    "nothing is known": (None, False),
    "an empty answer": ({}, False),
    "built-in loudspeakers": (_sink("internal"), False),
    "headphones in the jack": (_sink("internal", "analog-output-headphones", "Headphones"), True),
    "PipeWire's name of the jack": (_sink(None, "[Out] Headphones", "Headphones"), True),
    "a port whose type alone tells": (_sink(None, "output-2", "Headset"), True),
    "a Bluetooth headset": (_sink("headset", "headset-output", "Headset", "Tune 500BT"), True),
    "Bluetooth headphones": (_sink("headphone", "headphone-output", "Headphones", "QC"), True),
    "a Bluetooth loudspeaker": (_sink("portable", "speaker-output", "Speaker", "JBL Flip"), False),
    "a loudspeaker with a misleading port": (_sink("speaker", "headset-output", "Headset", "Soundcore"), False),
    "a Bluetooth device of unknown kind": (_sink(None, "unknown-output", "Unknown", "BT-0815"), False),
    "one whose description tells": (_sink(None, "unknown-output", "Unknown", "Anna's AirPods"), True),
    "a television": (_sink("tv", "hdmi-output-0", "HDMI", "LG TV"), False),
    "no ports at all": ({"name": "sink", "description": "Dummy", "ports": None, "active_port": None}, False),
}


@pytest.mark.parametrize("case", SINKS)
@pytest.mark.parametrize("device_name", ["default", "pulse", "pipewire"])
def test_behind_a_sound_server_the_server_is_asked(case: str, device_name: str) -> None:
    sink, worn = SINKS[case]
    backend = FakeBackend(device(device_name, outputs=32))
    assert is_headset("", backend=backend, default_sink=lambda: sink) is worn


def _never() -> None:
    raise AssertionError("a device that was named is not what the server chose")


def test_a_device_that_is_named_is_judged_by_its_own_name() -> None:
    backend = FakeBackend(
        device("HDA Intel PCH: ALC257 Analog (hw:0,0)", outputs=2),
        device("USB Headset: Audio (hw:1,0)", outputs=2),
        device("default", outputs=2),
        default=(2, 2),
    )
    assert is_headset("usb", backend=backend, default_sink=_never)
    assert not is_headset("pch", backend=backend, default_sink=_never)


def test_a_speaker_that_is_not_there_is_no_headset() -> None:
    assert not is_headset("AirPods", backend=FakeBackend(device("Monitor", outputs=2)), default_sink=_never)
    assert not is_headset("", backend=FakeBackend(), default_sink=_never)


def _pactl(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "pactl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_default_sink_is_found_among_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sinks = [{"name": "hdmi"}, {"name": "bluez_output.1", "active_port": "headset-output"}]
    info = {"default_sink_name": "bluez_output.1"}
    script = f"case \"$*\" in *info*) echo '{json.dumps(info)}';; *list*sinks*) echo '{json.dumps(sinks)}';; esac"
    _pactl(tmp_path, script, monkeypatch)
    assert read_default_sink() == sinks[1]
    backend = FakeBackend(device("default", outputs=2))
    assert is_headset(backend=backend)


@pytest.mark.parametrize(
    "script",
    [
        "echo 'Connection failure: Connection refused' >&2; exit 1",
        "echo 'Server Name: pulseaudio'",  # before version 16 it does not know JSON
        "echo '[]'",
        "echo null",
        'echo \'{"default_sink_name": "gone"}\'',
        "echo 7",
    ],
)
def test_a_server_that_does_not_answer_tells_nothing(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pactl(tmp_path, script, monkeypatch)
    assert read_default_sink() is None


def test_without_the_program_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_default_sink() is None
