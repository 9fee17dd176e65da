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
from tests.e2e.application import named, running, said
from tests.e2e.desktop import Desktop, Process, wait_until
from tests.words import word_error_rate

RECORDED_BYTES_PER_SECOND = 48_000 * 2 * 2
"""Of the recording of the speaker: frames, channels, bytes of a sample."""
QUESTION = Path(__file__).parent.parent / "data" / "questions" / "q00.flac"


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with Desktop() as made:
        yield made


@pytest.fixture
def arvis(desktop: Desktop) -> Iterator[Process]:
    with running(desktop) as process:
        yield process


def answered(desktop: Desktop) -> bool:
    """Whether the turn is over: its latency is shown."""
    return any(re.match(r"Answered in \d+ ms", name) for name in named(desktop, "label"))


async def test_hold_the_key_while_another_window_has_focus(desktop: Desktop, arvis: Process, tmp_path: Path) -> None:
    desktop.start("xmessage", "-name", "other", "Another window")
    desktop.focus(desktop.window("--class", "Xmessage"))
    heard = tmp_path / "heard.wav"
    with desktop.record_speaker(heard):
        desktop.hands("keydown", "F9")
        try:
            desktop.speak(QUESTION)
        finally:
            desktop.hands("keyup", "F9")
        wait_until("the answer", lambda: answered(desktop), seconds=60)
    desktop.screenshot(tmp_path / "screen.png")

    assert word_error_rate("What is the capital of France?", said(desktop, "You said")) == 0
    answer = said(desktop, "Arvis answered")
    assert "Paris" in answer
    assert (tmp_path / "screen.png").stat().st_size > 10_000

    transcriber = WhisperTranscriber(model="embedded")
    await transcriber.load()
    spoken = await transcriber.transcribe(read_audio(heard, SPEECH_RATE), language="en")
    await transcriber.close()
    assert word_error_rate(answer, spoken.text) <= 0.15

    assert arvis.end(signal.SIGTERM) == 0


def type_text(desktop: Desktop, text: str) -> None:
    """Type into the window and send."""
    desktop.focus(desktop.window("--name", "^Arvis$"))
    desktop.hands("type", text)
    desktop.hands("key", "Return")


def test_esc_stops_the_answer(desktop: Desktop, arvis: Process, tmp_path: Path) -> None:
    heard = tmp_path / "heard.wav"
    with desktop.record_speaker(heard):
        type_text(desktop, "Tell me a long story about a ship and a storm")
        wait_until("the voice", lambda: "Speaking" in named(desktop, "label"), seconds=30)
        begun = heard.stat().st_size
        wait_until("the first words", lambda: heard.stat().st_size - begun > 1.5 * RECORDED_BYTES_PER_SECOND)
        desktop.hands("key", "Escape")
        wait_until("silence", lambda: "Ready" in named(desktop, "label"))
    assert "Interrupted" in named(desktop, "label")
    assert arvis.popen.poll() is None


def test_without_a_sound_system_it_says_so_and_answers_in_writing(desktop: Desktop) -> None:
    with running(desktop, PULSE_SERVER="unix:/nonexistent", ALSA_CONFIG_PATH="/usr/share/alsa/alsa.conf") as process:
        desktop.hands("keydown", "F9", "keyup", "F9")
        wait_until("the notice", lambda: "microphone" in everything(desktop).lower())
        type_text(desktop, "What is the capital of France?")
        wait_until("the answer", lambda: "Paris" in said(desktop, "Arvis answered"), seconds=60)
        assert "speaker" in everything(desktop).lower()
        assert process.end(signal.SIGTERM) == 0


def everything(desktop: Desktop) -> str:
    """All names and texts in the window."""
    return "\n".join(f"{element['name']} {element['text']}" for element in desktop.read("arvis"))
