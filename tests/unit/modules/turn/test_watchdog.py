"""Whatever hangs is ended in time, and what gets on is not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from modules.turn.inputs import Event, OverlapDismissed, TurnFailed
from modules.turn.state import Overlap, Phase, State
from modules.turn.watchdog import LIMITS, MESSAGES, PAUSED_LIMIT, Watchdog
from tests.fakes.clock import loop_time, run_virtual

BUSY = [phase for phase in Phase if phase is not Phase.IDLE]
SPEAKING = State(Phase.SPEAKING, turn_id=4, revision=1, replying=True, given=True)


@dataclass
class Kennel:
    """A watchdog, with what it said, and when."""

    barks: list[tuple[float, Event]] = field(default_factory=list)
    heard: float = 0.0

    def run(self, script: Callable[[Watchdog], Awaitable[None]]) -> None:
        async def main() -> None:
            begun = loop_time()

            def bark(event: Event) -> None:
                self.barks.append((round(loop_time() - begun, 3), event))

            await script(Watchdog(loop_time, bark, lambda: self.heard))

        run_virtual(main)


def test_each_phase_that_can_hang_has_a_limit_and_a_sentence() -> None:
    assert set(LIMITS) == set(MESSAGES) == set(BUSY)
    for message in MESSAGES.values():
        assert message.endswith(".")
        assert len(message.split(". ")) >= 2, "it says what to do next"


@pytest.mark.parametrize("phase", BUSY)
def test_a_phase_without_progress_is_ended_with_its_sentence(phase: Phase) -> None:
    kennel = Kennel()

    async def script(watchdog: Watchdog) -> None:
        watchdog.watch(State(phase, turn_id=4, revision=1))
        await asyncio.sleep(LIMITS[phase] - 0.01)
        assert kennel.barks == []
        await asyncio.sleep(300.0)

    kennel.run(script)
    assert kennel.barks == [(LIMITS[phase], TurnFailed(4, 1, f"stuck-{phase}", MESSAGES[phase]))]


def test_nothing_is_wrong_with_doing_nothing() -> None:
    kennel = Kennel()

    async def script(watchdog: Watchdog) -> None:
        watchdog.watch(State(Phase.LISTENING, turn_id=1))
        watchdog.watch(State(Phase.IDLE, turn_id=1))
        await asyncio.sleep(1000.0)

    kennel.run(script)
    assert kennel.barks == []


@pytest.mark.parametrize("phase", BUSY)
def test_progress_extends_a_phase(phase: Phase) -> None:
    kennel = Kennel()
    limit = LIMITS[phase]

    async def script(watchdog: Watchdog) -> None:
        watchdog.watch(State(phase, turn_id=4))
        for _ in range(3):
            await asyncio.sleep(0.75 * limit)
            watchdog.progress()
        await asyncio.sleep(3 * limit)

    kennel.run(script)
    assert [when for when, _ in kennel.barks] == [pytest.approx(2.25 * limit + limit)]


def test_the_next_phase_has_its_own_time() -> None:
    kennel = Kennel()

    async def script(watchdog: Watchdog) -> None:
        watchdog.watch(State(Phase.LISTENING, turn_id=1))
        await asyncio.sleep(5.0)
        watchdog.watch(State(Phase.SPECULATIVE, turn_id=1))
        await asyncio.sleep(9.0)
        watchdog.watch(State(Phase.LISTENING, turn_id=1, revision=1))
        await asyncio.sleep(5.0)
        watchdog.watch(State(Phase.COMMITTED, turn_id=1, revision=1))
        await asyncio.sleep(100.0)

    kennel.run(script)
    assert [(when, event) for when, event in kennel.barks] == [
        (79.0, TurnFailed(1, 1, "stuck-committed", MESSAGES[Phase.COMMITTED]))
    ]


def test_what_is_heard_of_a_reply_is_progress() -> None:
    kennel = Kennel()

    async def script(watchdog: Watchdog) -> None:
        watchdog.watch(SPEAKING)
        for _ in range(1000):  # a long answer
            await asyncio.sleep(0.1)
            kennel.heard += 0.1
        assert kennel.barks == []
        await asyncio.sleep(100.0)

    kennel.run(script)
    (when, event) = kennel.barks[0]
    assert 100.0 + LIMITS[Phase.SPEAKING] <= when <= 101.0 + LIMITS[Phase.SPEAKING]
    assert event == TurnFailed(4, 1, "stuck-speaking", MESSAGES[Phase.SPEAKING])


def test_what_was_heard_of_an_older_reply_is_no_progress() -> None:
    kennel = Kennel(heard=7.5)

    async def script(watchdog: Watchdog) -> None:
        watchdog.watch(State(Phase.COMMITTED, turn_id=2))
        await asyncio.sleep(300.0)

    kennel.run(script)
    assert [when for when, _ in kennel.barks] == [LIMITS[Phase.COMMITTED]]


def test_a_reply_that_is_held_goes_on_after_a_while_whatever_happens() -> None:
    kennel = Kennel()

    async def script(watchdog: Watchdog) -> None:
        watchdog.watch(replace(SPEAKING, overlap=Overlap.PAUSED))
        for _ in range(40):
            await asyncio.sleep(0.1)
            kennel.heard += 0.01  # what was on its way to the speaker
            watchdog.progress()  # the model is still writing

    kennel.run(script)
    assert kennel.barks == [(PAUSED_LIMIT, OverlapDismissed(4, 1))]


def test_a_reply_that_is_only_softer_is_watched_like_any_other() -> None:
    kennel = Kennel()

    async def script(watchdog: Watchdog) -> None:
        watchdog.watch(replace(SPEAKING, overlap=Overlap.DUCKED))
        await asyncio.sleep(100.0)

    kennel.run(script)
    assert [(when, type(event)) for when, event in kennel.barks] == [(LIMITS[Phase.SPEAKING], TurnFailed)]
