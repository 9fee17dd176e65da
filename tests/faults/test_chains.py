"""Whichever engine breaks, however and whenever: its stand-in takes over in time, and no word is lost or said twice."""

from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.fallback.link import LOAD_SECONDS as LOAD_PATIENCE
from modules.fallback.policy import FallbackPolicy
from tests.fakes.clock import run_virtual
from tests.faults.chains import FAULTS, MOMENTS, stand_in
from tests.faults.stand_ins import LOAD_SECONDS, STAGES, WORDS, Trouble, Voice, tts, words_of

DEADLINES = {"stt": 20.0 + len(WORDS) * 0.5, "llm": 20.0, "tts": 5.0}
ASKING_SECONDS = 0.5
"""What it takes to ask the stand-in: its first result, or the clause that it says from the beginning."""
KNOWN_BAD_SECONDS = 0.05
CELLS = [
    pytest.param(stage, fault, moment, id=f"{stage}-{fault}-{moment}")
    for stage in STAGES
    for fault, moments in FAULTS.items()
    for moment in moments
]


def limit(stage: str, fault: str, moment: str, *, warm: bool) -> float:
    """Seconds that a fault may cost."""
    if moment in ("between turns", "recovery"):
        return KNOWN_BAD_SECONDS
    if moment == "load":
        return LOAD_PATIENCE + 1.0 if "hangs" in fault else KNOWN_BAD_SECONDS
    return ASKING_SECONDS + (0.0 if warm else LOAD_SECONDS) + (DEADLINES[stage] if "hangs" in fault else 0.0)


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize(("stage", "fault", "moment"), CELLS)
def test_the_stand_in_takes_over(stage: str, fault: str, moment: str, warm: bool) -> None:
    outcome = stand_in(stage, fault, moment, warm=warm)
    assert (outcome.lost, outcome.repeated) == (0, 0)
    assert -0.01 <= outcome.added <= limit(stage, fault, moment, warm=warm)
    # Once that it broke, and once that it is back; nothing where it was asked no less than before.
    assert outcome.told == (0 if fault == "gives nothing" else 2)
    assert outcome.came_back


def test_each_moment_is_in_the_table() -> None:
    assert {moment for moments in FAULTS.values() for moment in moments} == set(MOMENTS)


def test_the_words_of_a_sound_can_be_told() -> None:
    """The measure: it hears what is missing, and what is there twice."""

    async def main() -> None:
        for voice in (Voice("a", Trouble()), Voice("b", Trouble(), pace=1.2, rate=22_050)):
            chunks = [chunk.samples async for chunk in voice.stream("one two three five five eight")]
            heard = words_of(AudioChunk(np.concatenate(chunks), voice.rate))
            assert heard == ["one", "two", "three", "five", "five", "eight"]

    run_virtual(main)


def test_without_a_fault_nothing_is_told() -> None:
    async def main() -> None:
        told: list[object] = []
        chain = tts(Trouble(), told.append, FallbackPolicy())
        await chain.load()
        assert await chain.ask("") == list(WORDS)
        assert told == []
        await chain.close()

    run_virtual(main)
