"""Microphones and speakers: which there are, and which one a name means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from modules.audio.base import AudioError
from modules.audio.portaudio import Backend, PortAudio, portaudio

DeviceKind = Literal["input", "output"]

_WORDS: dict[DeviceKind, str] = {"input": "microphone", "output": "speaker"}


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """One direction of a sound device."""

    index: int
    """PortAudio's number, valid until the device list is refreshed."""
    name: str
    kind: DeviceKind
    channels: int
    """The most channels that it has in this direction."""
    default_sample_rate: int
    """Hertz."""
    is_default: bool
    """Whether the system uses it when no device is named."""
    host_api: str
    """The sound system through which it is reached, for example "ALSA"."""


def list_devices(backend: Backend | None = None, *, refresh: bool = True) -> list[AudioDevice]:
    """All microphones and speakers, those plugged in since the start included; blocks for 10 ms to 1 s.

    Args:
        backend: Stand-in for the module sounddevice.
        refresh: Look for devices again; without effect while one is open.

    Raises:
        AudioError: PortAudio is missing.
    """
    audio = portaudio(backend)
    if refresh:
        audio.refresh()
    return known_devices(audio)


def find_device(kind: DeviceKind, name: str = "", backend: Backend | None = None) -> AudioDevice:
    """The device that `name` means: its whole name or a part of it, in any case; empty for the system's default.

    A device that is not in PortAudio's list is looked for once more in a fresh list.

    Raises:
        AudioError: `no-device`, `unknown-device`, `ambiguous-device`, or PortAudio is missing.
    """
    audio = portaudio(backend)
    audio.refresh(only_if_stale=True)
    try:
        return _choose(known_devices(audio), kind, name)
    except AudioError:
        if not audio.refresh():
            raise
        return _choose(known_devices(audio), kind, name)


def known_devices(audio: PortAudio) -> list[AudioDevice]:
    """The devices in PortAudio's present list."""
    with audio.lock:
        infos = list(audio.backend.query_devices())
        interfaces = [str(api["name"]) for api in audio.backend.query_hostapis()]
        defaults: dict[DeviceKind, int] = {
            "input": int(audio.backend.default.device[0]),
            "output": int(audio.backend.default.device[1]),
        }
    return [
        AudioDevice(
            index=int(info["index"]),
            name=str(info["name"]),
            kind=kind,
            channels=int(info[f"max_{kind}_channels"]),
            default_sample_rate=int(info["default_samplerate"]),
            is_default=int(info["index"]) == defaults[kind],
            host_api=interfaces[int(info["hostapi"])],
        )
        for info in infos
        for kind in _WORDS
        if info[f"max_{kind}_channels"] > 0
    ]


def _choose(devices: Iterable[AudioDevice], kind: DeviceKind, name: str) -> AudioDevice:
    candidates = [device for device in devices if device.kind == kind]
    if not candidates:
        raise AudioError("no-device", f"There is no {_WORDS[kind]}. Connect one and try again.", retryable=True)
    default = next((device for device in candidates if device.is_default), candidates[0])
    wanted = name.strip().casefold()
    if not wanted:
        return default
    found = [device for device in candidates if device.name.casefold() == wanted]
    found = found or [device for device in candidates if wanted in device.name.casefold()]
    if len(found) > 1:  # the same device through several sound systems: take the one of the default device
        found = [device for device in found if device.host_api == default.host_api] or found
    if not found:
        raise AudioError(
            "unknown-device", f"There is no {_WORDS[kind]} named '{name}'. Choose one of: {_names(candidates)}."
        )
    if len(found) > 1:
        raise AudioError(
            "ambiguous-device", f"'{name}' could mean several {_WORDS[kind]}s. Choose one of: {_names(found)}."
        )
    return found[0]


def _names(devices: Iterable[AudioDevice]) -> str:
    return ", ".join(dict.fromkeys(device.name for device in devices))
