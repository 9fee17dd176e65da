"""The real PortAudio on a machine without any sound device."""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

import pytest

ROOT = Path(__file__).parents[3]

SCRIPT = """
import asyncio
from modules.audio.base import AudioError
from modules.audio.devices import list_devices
from modules.audio.microphone import Microphone
from modules.audio.speaker import Speaker

async def main():
    print(len(list_devices()))
    device = {device}()
    try:
        await device.{call}()
    except AudioError as error:
        print(error.code, "|", error)
    await device.close()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("device", "call", "word"), [("Microphone", "open", "microphone"), ("Speaker", "begin", "speaker")]
)
def test_it_ends_in_one_sentence(device: str, call: str, word: str) -> None:
    done = run(
        [sys.executable, "-c", SCRIPT.format(device=device, call=call)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    count, _, rest = done.stdout.partition("\n")
    if count != "0":
        pytest.skip("this machine has sound devices, so what happens without one cannot be seen")
    assert rest == f"no-device | There is no {word}. Connect one and try again.\n"
    assert done.stderr == ""
