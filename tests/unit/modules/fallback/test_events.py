from __future__ import annotations

import pytest

from modules.fallback.events import Moment, SwitchEvent
from utils.errors import ArvisError

BROKEN = ArvisError("broken", "It broke.")


@pytest.mark.parametrize(
    ("stage", "error", "sentence"),
    [
        ("tts", BROKEN, "The voice is now piper, because hibari failed: It broke."),
        ("llm", BROKEN, "The language model is now piper, because hibari failed: It broke."),
        ("stt", None, "The speech recognition is piper again, which works now."),
        ("new", BROKEN, "The new engine is now piper, because hibari failed: It broke."),
    ],
)
def test_a_switch_is_told_in_one_sentence(stage: str, error: ArvisError | None, sentence: str) -> None:
    event = SwitchEvent(stage, "hibari", "piper", error, Moment.FIRST_RESULT, 0.1, first=True)
    assert event.sentence == sentence


def test_in_the_middle_nothing_is_said_of_what_is_missing() -> None:
    error = ArvisError("cut-off", "The answer is incomplete. Ask again.")
    event = SwitchEvent("llm", "openai", "llama-cpp", error, Moment.MIDDLE, 0.1, first=True)
    assert event.sentence == "The language model is now llama-cpp, which has gone on where openai broke off."
