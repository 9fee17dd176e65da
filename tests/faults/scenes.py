"""One cell of the table: a fault that happens in one state, what became of it, and whether the next turn works."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from functools import cache

from modules.turn.events import Notice, PhaseChanged, ReplyEnded, SessionEvent
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.settings import ListeningMode, SessionSettings
from modules.turn.slots import READY_SECONDS
from modules.turn.state import Overlap, Phase
from tests.fakes.clock import loop_time, run_virtual
from tests.fakes.desk import Desk
from tests.fakes.room import LOUD, becomes, opened, reach
from tests.faults.broken import (
    REMARK_LEVEL,
    BrokenCanceller,
    BrokenEndpointModel,
    BrokenLanguageModel,
    BrokenOutput,
    BrokenSource,
    BrokenSynthesizer,
    BrokenTranscriber,
    BrokenVad,
    BrokenWake,
    Trouble,
)

HANDS_FREE, PUSH_TO_TALK = ListeningMode.HANDS_FREE, ListeningMode.PUSH_TO_TALK
STATES: dict[ListeningMode, tuple[str, ...]] = {
    PUSH_TO_TALK: ("idle", "listening", "committed", "speaking"),
    HANDS_FREE: ("idle", "listening", "speculative", "committed", "speaking", "paused"),
}
"""Where a fault may happen. With the talk key SPECULATIVE is passed through at once, and nobody speaks over a reply."""
PATIENCE_SECONDS = 150.0
"""No cell may take longer; each fault has a limit of its own besides."""
RECOVERY_SECONDS = 8.0
"""Until the next turn, after what was broken works again: a microphone is tried again every 5 s at least."""
_PIECES = [f" Number {number} of the pieces." for number in range(1, 13)]
REPLY = "".join(_PIECES).strip()
QUESTION = "what is the capital of france"


@dataclass(frozen=True)
class Outcome:
    """What became of the turn in which the fault happened."""

    words: str
    """In a few words, for the page."""
    codes: tuple[str, ...]
    """Of what the user was told."""
    texts: tuple[str, ...]
    seconds: float
    """From the fault until nothing is under way any more."""
    stored: tuple[tuple[str, str, bool], ...]
    """User, assistant and whether it was interrupted, of what the conversation keeps."""
    next_words: str
    """What became of the next turn."""
    next_codes: tuple[str, ...]
    closed: bool
    """Whether the session could be closed in time."""

    def __str__(self) -> str:
        said = "".join(f", `{code}`" for code in self.codes)
        return f"{self.words}{said}, {self.seconds:.0f} s"


def broken_desk(mode: ListeningMode, trouble: Trouble) -> Desk:
    """A desk that answers slowly enough for each state to last."""
    ears = EarParts(
        BrokenVad(trouble=trouble),
        BrokenCanceller(trouble=trouble),
        endpoint_model=BrokenEndpointModel(trouble=trouble),
        wake=BrokenWake(trouble=trouble),
    )
    return Desk(
        BrokenSource(trouble=trouble, level=0.0),
        BrokenOutput(trouble=trouble),
        BrokenTranscriber(trouble=trouble, seconds=0.2, text=QUESTION),
        BrokenLanguageModel(trouble=trouble, reply=_PIECES, first_token_seconds=0.8, token_seconds=0.15),
        BrokenSynthesizer(trouble=trouble),
        SessionSettings(listening=mode),
        ears,
    )


@cache
def inject(fault: str, state: str, mode: ListeningMode) -> Outcome:
    """Let a fault happen in a state, mend it when it is dealt with, take another turn and close the session."""

    async def main() -> Outcome:
        trouble = Trouble()
        desk = broken_desk(mode, trouble)
        session = desk.session()
        await _come_to(desk, session, state, mode, fault)
        begun, seen = loop_time(), len(desk.events)
        trouble.name = fault
        async with asyncio.timeout(PATIENCE_SECONDS):
            await _go_on(desk, session, state, mode)
        seconds = _idle_at(desk, seen, session, begun) - begun
        happened, stored = desk.events[:], session.conversation.turns
        trouble.mend()
        await asyncio.sleep(RECOVERY_SECONDS)
        late = [event for event in desk.events[len(happened) :] if isinstance(event, Notice)]
        if session.listening is not mode:  # it was given up, and is chosen again
            session.set_listening(mode)
            await opened(desk)
        desk.events.clear()
        await _turn(desk, session, mode)
        after = desk.events[:]
        notices = [event for event in happened if isinstance(event, Notice)] + late
        return Outcome(
            _describe(happened),
            tuple(notice.code for notice in notices),
            tuple(notice.text for notice in notices),
            seconds,
            tuple((turn.user, turn.assistant, turn.interrupted) for turn in stored),
            _describe(after),
            tuple(event.code for event in after if isinstance(event, Notice)),
            await _close(session),
        )

    return run_virtual(main)


def closes(fault: str, state: str, mode: ListeningMode) -> bool:
    """Whether a session can be closed in time while something is broken."""

    async def main() -> bool:
        trouble = Trouble()
        desk = broken_desk(mode, trouble)
        session = desk.session()
        await _come_to(desk, session, state, mode, fault)
        trouble.name = fault
        await asyncio.sleep(2.0)
        in_time = await _close(session)
        trouble.mend()
        await asyncio.sleep(1.0)
        return in_time and not desk.source.is_open

    return run_virtual(main)


def _trouble(desk: Desk) -> Trouble:
    assert isinstance(desk.source, BrokenSource)
    return desk.source.trouble


async def _close(session: TurnSession) -> bool:
    try:
        async with asyncio.timeout(10.0):
            await session.close()
    except TimeoutError:
        return False
    return True


async def _come_to(desk: Desk, session: TurnSession, state: str, mode: ListeningMode, fault: str) -> None:
    if "load" in fault:  # it has to happen before
        _trouble(desk).name = fault
    loading = asyncio.create_task(session.load())
    if "load" not in fault:
        await loading
    if "wake word" in fault:
        await asyncio.sleep(0.1)
        session.set_listening(ListeningMode.WAKE_WORD)
    if state == "idle":
        session.set_muted("open" in fault)  # so that it will have to be opened
        await asyncio.sleep(0.5 + READY_SECONDS * ("hangs as it loads" in fault))
        return
    if mode is HANDS_FREE:
        await opened(desk)
        await asyncio.sleep(0.5)
        desk.source.sounds.append((1.0, LOUD))
    else:
        desk.source.level = LOUD
        session.press()
    await asyncio.sleep(0.5)
    if state == "listening":
        return
    await asyncio.sleep(0.5)
    if mode is PUSH_TO_TALK:
        session.release()
    await reach(desk, session, Phase.SPEAKING if state == "paused" else Phase(state))
    if state in ("speaking", "paused"):
        await asyncio.sleep(0.5)
    if state == "paused":
        desk.source.sounds.append((0.3, REMARK_LEVEL))
        await becomes(lambda: session.state.overlap is Overlap.PAUSED)


async def _go_on(desk: Desk, session: TurnSession, state: str, mode: ListeningMode) -> None:
    """What the user does after the fault, until nothing is under way."""
    if state == "idle":
        session.set_muted(False)
        await _turn(desk, session, mode)
        return
    if state == "listening":
        await asyncio.sleep(0.5)
        if mode is PUSH_TO_TALK:
            session.release()
    await _idle(desk, session)


async def _turn(desk: Desk, session: TurnSession, mode: ListeningMode) -> None:
    """A question, and whatever becomes of it."""
    if mode is HANDS_FREE:
        # What broke while nothing went on shows by itself; the device that plugs in again has had a moment to open.
        await asyncio.sleep(1.5)
        desk.source.sounds[:] = [(1.0, LOUD)]
        await asyncio.sleep(1.0)
    else:
        desk.source.level = LOUD
        session.press()
        await asyncio.sleep(1.0)
        session.release()
    await _idle(desk, session)


async def _idle(desk: Desk, session: TurnSession) -> None:
    await asyncio.sleep(0.5)
    while session.state.phase is not Phase.IDLE:
        desk.changed.clear()
        await desk.changed.wait()
    await asyncio.sleep(0.5)


def _idle_at(desk: Desk, seen: int, session: TurnSession, begun: float) -> float:
    """When the machine became idle after the fault."""
    if not any(isinstance(event, PhaseChanged) for event in desk.events[seen:]):
        return begun
    return session.state.history[-1].time


def _describe(events: list[SessionEvent]) -> str:
    """What became of a turn, in a few words."""
    ended = [event for event in events if isinstance(event, ReplyEnded)]
    if not ended:
        asked = any(isinstance(event, PhaseChanged) and event.phase is Phase.LISTENING for event in events)
        return "given up" if asked else "not heard"
    last = ended[-1]
    if last.interrupted:
        return "cut short" if last.text else "given up"
    if re.sub(r"\s+", " ", last.text) != REPLY:
        return "answered in part"
    if not last.spoken:
        return "in writing"
    muted = any(isinstance(event, Notice) and event.turn_id is not None for event in events)
    return "the rest in writing" if muted else "answered"
