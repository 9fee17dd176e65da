"""A conversation without hands, on an open speaker that the microphone hears."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.application import messages, named, running, said
from tests.e2e.desktop import Desktop, wait_until
from tests.words import word_error_rate

QUESTIONS = Path(__file__).parent.parent / "data" / "questions"
CAPITAL, BACTERIUM, MOUNTAIN = ((QUESTIONS / f"{name}.flac") for name in ("q00", "q20", "q09"))
QUIET_SECONDS = 6.0
"""Long enough for an assistant that hears itself to answer itself."""


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with Desktop() as made:
        made.hear_speaker()
        yield made


def waiting(desktop: Desktop) -> bool:
    """Whether nothing is going on and the microphone is open."""
    return any(name.startswith("Ready") for name in named(desktop, "label"))


def test_three_turns_with_one_interruption_on_an_open_speaker(desktop: Desktop, tmp_path: Path) -> None:
    with running(desktop, ARVIS_TALK_LISTENING="hands-free") as process:
        desktop.speak(CAPITAL)
        wait_until("the first answer", lambda: "Paris" in said(desktop, "Arvis answered"), seconds=60)
        wait_until("the end of the first answer", lambda: waiting(desktop), seconds=30)

        heard = tmp_path / "heard.wav"
        with desktop.record_speaker(heard):
            desktop.speak(BACTERIUM)
            wait_until("the second answer", lambda: "Speaking" in named(desktop, "label"), seconds=60)
            time.sleep(1.5)  # the user listens for a moment before they lose patience
            desktop.speak(MOUNTAIN)
            heard_all = "what was said over the second answer"
            wait_until(heard_all, lambda: "mountain" in said(desktop, "You said").lower(), seconds=60)
        assert "Interrupted" in named(desktop, "label")
        wait_until("the third answer", lambda: "mountain" in said(desktop, "Arvis answered").lower(), seconds=60)
        wait_until("the end of the third answer", lambda: waiting(desktop), seconds=60)
        time.sleep(QUIET_SECONDS)
        desktop.screenshot(tmp_path / "screen.png")

        words = messages(desktop, "You said")
        assert len(words) == 3, words
        assert word_error_rate("What is the capital of France?", words[0]) == 0
        assert word_error_rate("What is the difference between a virus and a bacterium?", words[1]) <= 0.2
        assert word_error_rate("What is the tallest mountain in the world?", words[2]) <= 0.25
        assert process.popen.poll() is None
