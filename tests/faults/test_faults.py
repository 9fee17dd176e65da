"""Whatever breaks, and whenever: the machine is idle in time, the user is told once, and the next turn works."""

from __future__ import annotations

import pytest

from modules.turn.settings import ListeningMode
from tests.faults.scenes import HANDS_FREE, PUSH_TO_TALK, QUESTION, REPLY, Outcome, closes, inject
from tests.faults.table import FAULTS, Fault

CELLS = [
    pytest.param(fault, mode, state, id=f"{fault.name}-{mode}-{state}")
    for fault in FAULTS
    for mode in (PUSH_TO_TALK, HANDS_FREE)
    for state in fault.cells(mode)
]
HANGING = [cell for cell in CELLS if "hangs" in str(cell.id) or "falls silent" in str(cell.id)]
LOST = ("given up", "cut short", "not heard")
"""Outcomes that the user has to be told of."""
NOT_WORTH_A_WORD = ("transcriber returns nothing",)
"""An open microphone hears many things that are no words."""


def needs_a_word(fault: Fault, mode: ListeningMode, outcome: Outcome) -> bool:
    """Whether the user cannot know by themselves what happened."""
    return outcome.words in LOST and not (mode is HANDS_FREE and fault.name in NOT_WORTH_A_WORD)


@pytest.mark.parametrize(("fault", "mode", "state"), CELLS)
def test_a_fault_does_no_lasting_harm(fault: Fault, mode: ListeningMode, state: str) -> None:
    outcome = inject(fault.name, state, mode)
    assert outcome.seconds <= fault.seconds
    # One sentence where something was lost, none about what the user need not care for; and no sentence of a program.
    assert len(outcome.codes) <= 1
    assert len(outcome.codes) == 1 or not needs_a_word(fault, mode, outcome)
    assert all(text.endswith(".") and "Traceback" not in text for text in outcome.texts)
    # Kept is what was heard, and nothing of a turn that was given up.
    kept = outcome.words not in ("given up", "not heard")
    assert [user for user, _, _ in outcome.stored] == [QUESTION] * kept
    assert all(REPLY.startswith(assistant) for _, assistant, _ in outcome.stored)
    assert all(interrupted == (outcome.words == "cut short") for _, _, interrupted in outcome.stored)
    # And then everything is as it was before.
    assert (outcome.next_words, outcome.next_codes) == ("answered", ())
    assert outcome.closed


@pytest.mark.parametrize(("fault", "mode", "state"), HANGING)
def test_a_session_can_be_closed_while_something_hangs(fault: Fault, mode: ListeningMode, state: str) -> None:
    assert closes(fault.name, state, mode)


def test_each_part_of_a_session_is_broken_in_some_way() -> None:
    parts = {fault.name.split()[0] for fault in FAULTS}
    assert parts == {"source", "output", "transcriber", "model", "voice", "echo", "endpoint", "wake"}
    ways = {word for fault in FAULTS for word in ("raises", "hangs", "late", "nothing", "lost") if word in fault.name}
    assert ways == {"raises", "hangs", "late", "nothing", "lost"}
