"""The whole application on a real screen with a real microphone and speaker: a user talks to it."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from modules.audio.base import SPEECH_RATE
from modules.audio.files import read_audio
from modules.stt.whisper import WhisperTranscriber
from tests.e2e.desktop import Desktop, Process, arvis_command, wait_until
from tests.words import word_error_rate

QUESTION = Path(__file__).parent.parent / "data" / "questions" / "q00.flac"


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with Desktop() as made:
        yield made


@pytest.fixture
def arvis(desktop: Desktop) -> Iterator[Process]:
    process = desktop.start(*arvis_command(), env={"ARVIS_HOME": str(desktop.folder / "arvis")})
    desktop.hands("search", "--sync", "--onlyvisible", "--name", "Arvis")
    wait_until("the engines", lambda: "Ready" in shown(desktop), seconds=90)
    yield process
    process.end()


def shown(desktop: Desktop) -> str:
    """Everything that the window says."""
    return "\n".join(f"{element['name']} {element['text']}" for element in desktop.read("arvis"))


def answer_of(desktop: Desktop) -> str:
    """The last message of Arvis in the conversation, as a screen reader reads it."""
    said = [e["name"] or e["text"] for e in desktop.read("arvis")]
    answers = [line for line in said if line.startswith("Arvis said: ")]
    return answers[-1].removeprefix("Arvis said: ") if answers else ""


async def test_hold_the_key_while_another_window_has_focus(desktop: Desktop, arvis: Process, tmp_path: Path) -> None:
    desktop.start("xmessage", "-name", "other", "Another window")
    desktop.hands("search", "--sync", "--onlyvisible", "--class", "Xmessage", "windowfocus", "--sync")
    heard = tmp_path / "heard.wav"
    with desktop.record_speaker(heard):
        desktop.hands("keydown", "F9")
        try:
            desktop.speak(QUESTION)
        finally:
            desktop.hands("keyup", "F9")
        wait_until("the answer", lambda: re.search(r"Answered in \d+ ms", shown(desktop)) is not None, seconds=60)
    desktop.screenshot(tmp_path / "screen.png")

    assert "capital of France" in shown(desktop)
    answer = answer_of(desktop)
    assert "Paris" in answer

    transcriber = WhisperTranscriber(model="embedded")
    await transcriber.load()
    spoken = await transcriber.transcribe(read_audio(heard, SPEECH_RATE), language="en")
    await transcriber.close()
    assert word_error_rate(answer, spoken.text) <= 0.15

    assert arvis.end(signal.SIGTERM) == 0
