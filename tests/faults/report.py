"""Makes the page of what happens when something breaks, `docs/reliability.md`, by letting it break."""

from __future__ import annotations

import logging
import sys

from modules.turn.ears import OPEN_SECONDS, RETRY_SECONDS, SILENT_SECONDS
from modules.turn.session import CLOSE_SECONDS
from modules.turn.settings import ListeningMode
from modules.turn.slots import READY_SECONDS
from modules.turn.speaking import SOUND_SECONDS
from modules.turn.watchdog import LIMITS, PAUSED_LIMIT
from tests.faults.chains import FAULTS as ENGINE_FAULTS
from tests.faults.chains import MOMENTS, Outcome, stand_in
from tests.faults.scenes import HANDS_FREE, PUSH_TO_TALK, STATES, inject
from tests.faults.stand_ins import LOAD_SECONDS, STAGES, WORDS
from tests.faults.table import FAULTS

_HEAD = """# Reliability

This page is made with `python -m tests.faults.report >docs/reliability.md` by letting each part of a session break in
each state; do not edit it. The tests in `tests/faults` check for every cell below that the machine is idle again within
the limit, that the user is told in one sentence what was lost, that the conversation keeps nothing that was not heard,
that the session can be closed, and that **the next turn works** once the fault is gone.

## What a cell means

The part of the row breaks while the session is in the state of the column; *idle* means that it breaks before the next
question is asked. The cell says what became of the question, the code of the sentence that the user was told, if any,
and the seconds from the fault until nothing is under way any more; an undisturbed answer, which takes nine seconds to
say, is included in them. A dash: the part is not in use there, so it cannot break.

| outcome | meaning |
|---|---|
| answered | aloud and to the end, as if nothing had happened |
| in writing | to the end, but not aloud |
| the rest in writing | aloud up to the fault, to the end in writing |
| answered in part | the language model itself ended its answer early |
| cut short | it ends there; the conversation keeps what was heard of it |
| given up | there is no answer; the conversation keeps nothing of it |
| not heard | it was asked while the microphone was not working |

"""

_LIMITS = """## Limits

A watchdog ends each state that makes no progress for so long, give or take a second:
{limits}.
A reply that is held because somebody speaks over it goes on after {paused:.0f} s. Progress is sound from the
microphone, words of a transcript, pieces of an answer, sound that is heard, and an engine that reports how far it has
loaded.

An open microphone that does not open within {open:.0f} s, or gives nothing for {silent:.0f} s, is closed and tried
again after {retries} s, and then every {last:.0f} s; that is told once. Of its engines, one that does not load
within {ready:.0f} s is done without (echo canceller, model of turn ends), or the talk key has to do (voice detector,
wake word).

An answer whose first sound is not there {sound:.0f} s after its first words goes on in writing: the voice or the
speaker is stuck, or still loading.

What cannot be saved: a native call that never returns keeps its thread, and its engine with it. The turn that waits
for it is ended, and a session that is closed waits {close:.0f} s at most, but turns that need the same engine are
given up as well until the call returns or Arvis is started again.

"""

_STAND_INS = """
## Engines with a stand-in

Where another engine is named in the settings (`stt.fallback`, `llm.fallback`, `tts.fallback`), it takes over; see
[When an engine fails](fallback.md). The first engine of each stage breaks in the way of the row at the moment of the
column: while it *loads*; before its *first result*; in the *middle*, that is, while the user speaks (stt), after three
words of an answer (llm), or in the middle of a clause (tts); *between turns*, where its health is found bad; and in
*recovery*, when it is tried again. {words} words are said.

Each cell says how many seconds later all words are there than without a fault, in brackets the same with a stand-in
that is warm (`fallback.warm_standby`), and how many words are lost or said twice, if any are. In these scenes loading
takes {load:g} s, hearing all words 0.2 s, the first word of an answer 0.3 s, the first sound of a clause 0.2 s, and
each word after it 0.05 s. The tests check in addition that the user is told once of the failure and once when the
engine is back, and that it does come back once it is mended.

"""
_TITLES = {"stt": "Speech recognition", "llm": "Language model", "tts": "Voice"}


def render() -> str:
    """The whole page."""
    limits = ", ".join(f"{phase.value} {seconds:.0f} s" for phase, seconds in LIMITS.items())
    limited = _LIMITS.format(
        limits=limits,
        paused=PAUSED_LIMIT,
        open=OPEN_SECONDS,
        silent=SILENT_SECONDS,
        retries=", ".join(f"{pause:g}" for pause in RETRY_SECONDS[:-1]),
        last=RETRY_SECONDS[-1],
        ready=READY_SECONDS,
        sound=SOUND_SECONDS,
        close=CLOSE_SECONDS,
    )
    tables = [
        f"## {title}\n\n{_table(mode)}" for title, mode in (("Talk key", PUSH_TO_TALK), ("Hands-free", HANDS_FREE))
    ]
    stand_ins = _STAND_INS.format(words=len(WORDS), load=LOAD_SECONDS)
    stages = [f"### {_TITLES[stage]}\n\n{_stand_ins(stage)}" for stage in STAGES]
    return _HEAD + limited + "\n".join(tables) + stand_ins + "\n".join(stages)


def _stand_ins(stage: str) -> str:
    lines = [f"| fault | {' | '.join(MOMENTS)} |", "|---" * (len(MOMENTS) + 1) + "|"]
    for fault, moments in ENGINE_FAULTS.items():
        cells = [_stand_in(stage, fault, moment) if moment in moments else "–" for moment in MOMENTS]
        lines.append(f"| {fault} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _stand_in(stage: str, fault: str, moment: str) -> str:
    cold, warm = (stand_in(stage, fault, moment, warm=warm) for warm in (False, True))
    return f"{abs(cold.added):.1f} s ({abs(warm.added):.1f} s){_harm(cold, warm)}"


def _harm(*outcomes: Outcome) -> str:
    lost, repeated = max(each.lost for each in outcomes), max(each.repeated for each in outcomes)
    return (f", {lost} lost" if lost else "") + (f", {repeated} twice" if repeated else "")


def _table(mode: ListeningMode) -> str:
    states = STATES[mode]
    lines = [f"| fault | limit | {' | '.join(states)} |", "|---" * (len(states) + 2) + "|"]
    for fault in FAULTS:
        if fault.cells(mode):
            cells = [str(inject(fault.name, state, mode)) if state in fault.cells(mode) else "–" for state in states]
            lines.append(f"| {fault.name} | {fault.seconds:.0f} s | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.stdout.write(render())
