"""`arvis devices`: microphones and speakers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document

if TYPE_CHECKING:
    from modules.audio.devices import AudioDevice


def devices(
    ctx: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> Document | None:
    """List microphones and speakers; their names fit audio.input_device and audio.output_device."""
    from modules.audio.devices import list_devices

    begin(ctx)
    found = list_devices()
    if json:
        return {kind + "s": [_entry(device) for device in found if device.kind == kind] for kind in ("input", "output")}
    for kind, title in (("input", "Microphones"), ("output", "Speakers")):
        typer.echo(f"{title}:")
        lines = [_line(device) for device in found if device.kind == kind]
        for line in lines or ["  none"]:
            typer.echo(line)
    return None


def _entry(device: AudioDevice) -> Document:
    return {
        "name": device.name,
        "default": device.is_default,
        "channels": device.channels,
        "sample_rate": device.default_sample_rate,
        "host_api": device.host_api,
    }


def _line(device: AudioDevice) -> str:
    mark = "*" if device.is_default else " "
    rate = f"{device.default_sample_rate} Hz"
    return f"{mark} {device.name}  ({device.host_api}, {rate}, {device.channels} channels)"
