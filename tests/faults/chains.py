"""One cell of the tables of stand-ins: an engine breaks at a moment, and another one takes over."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from functools import cache

from modules.fallback.events import SwitchEvent
from modules.fallback.policy import FallbackPolicy
from tests.fakes.clock import loop_time, run_virtual
from tests.faults.stand_ins import STAGES, WORDS, Chain, Trouble

MOMENTS = ("load", "first result", "middle", "between turns", "recovery")
FAULTS: dict[str, tuple[str, ...]] = {
    "cannot be loaded": ("load", "recovery"),
    "lacks a package": ("load", "recovery"),
    "raises": ("first result", "middle", "between turns", "recovery"),
    "hangs": ("load", "first result", "middle", "between turns", "recovery"),
    "hangs in native code": ("load", "first result", "middle", "recovery"),
    "gives nothing": ("first result",),
    "gives garbage": ("first result", "middle"),
    "is out of memory": ("load", "first result", "middle", "recovery"),
}
"""When each fault can happen. An answer that ends early and a clause that does cannot be told from whole ones."""
_PATIENCE_SECONDS = 2000.0
_MENDED_SECONDS = 600.0
"""By then every trial that was put off has been made."""


@dataclass(frozen=True)
class Outcome:
    """What became of what was asked for."""

    added: float
    """Seconds later than without a fault."""
    lost: int
    """Words."""
    repeated: int
    told: int
    """How often the user was told of the outage and of its end."""
    came_back: bool
    """Whether the engine was asked again in the end, and did it."""


@cache
def stand_in(stage: str, fault: str, moment: str, *, warm: bool) -> Outcome:
    """Let an engine break, and mend it afterwards.

    Args:
        stage: "stt", "llm" or "tts".
        fault: One of `FAULTS`.
        moment: One of `MOMENTS`.
        warm: Whether the stand-in is loaded before it is needed.
    """
    undisturbed = _run(stage, "", moment, warm=warm)
    disturbed = _run(stage, fault, moment, warm=warm)
    said, heard = Counter(WORDS), Counter(disturbed.words)
    events = [event for event in disturbed.events if event.first]
    return Outcome(
        disturbed.seconds - undisturbed.seconds,
        (said - heard).total(),
        (heard - said).total(),
        len(events),
        disturbed.words_after == list(WORDS) and disturbed.name_after == "first",
    )


@dataclass(frozen=True)
class _Turn:
    words: list[str]
    seconds: float
    events: list[SwitchEvent]
    words_after: list[str]
    name_after: str


@cache
def _run(stage: str, fault: str, moment: str, *, warm: bool) -> _Turn:
    async def main() -> _Turn:
        trouble, events = Trouble(), list[SwitchEvent]()
        chain = STAGES[stage](trouble, events.append, FallbackPolicy(warm_standby=warm))
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await _come_to(chain, trouble, fault, moment)
            begun = loop_time()
            words = await chain.ask(moment)
            seconds = loop_time() - begun
            trouble.mend()
            await asyncio.sleep(_MENDED_SECONDS)
            after = await chain.ask("")
            name = chain.chain.current.engine.name
            await chain.close()
        return _Turn(words, seconds, events, after, name)

    return run_virtual(main)


async def _come_to(chain: Chain, trouble: Trouble, fault: str, moment: str) -> None:
    """Bring about the moment."""
    if moment == "load":
        trouble.fault, trouble.moment = fault, moment
        return
    if moment == "recovery" and fault:
        # It broke at first, and is broken in this way when it is tried.
        trouble.fault, trouble.moment = "cannot be loaded", "load"
        await chain.load()
        trouble.fault, trouble.moment = fault, "load" if fault in ("cannot be loaded", "lacks a package") else moment
        await asyncio.sleep(100.0)
        return
    await chain.load()
    await chain.ask("")
    await asyncio.sleep(20.0)
    if moment == "between turns" and fault:
        chain.chain.mark("first", "unhealthy", "The engine does not answer as it should.")
        trouble.fault, trouble.moment = fault, "first result"
        await asyncio.sleep(10.0)
        return
    trouble.fault, trouble.moment = fault, moment
