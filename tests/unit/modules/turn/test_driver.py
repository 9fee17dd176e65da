"""The turn machine at work: events in order, what they bring about, and the work of a turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from modules.turn import effects as does
from modules.turn.driver import Driver
from modules.turn.effects import Effect
from modules.turn.events import Notice, PhaseChanged, SessionEvent
from modules.turn.inputs import (
    EndLikely,
    Event,
    InterruptionConfirmed,
    OverlapStarted,
    OverlapSustained,
    ReplyAudible,
    ReplyFinished,
    SpeechStarted,
    StopRequested,
    TalkPressed,
    TalkReleased,
    TextSubmitted,
    TranscriptReady,
)
from modules.turn.state import Overlap, Phase
from modules.turn.watchdog import LIMITS, PAUSED_LIMIT
from tests.fakes.clock import loop_time, run_virtual
from utils.errors import ArvisError
from utils.turn_context import present_turn


@dataclass
class Stage:
    """A driver whose session does nothing but write down what it is told."""

    events: list[SessionEvent] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    heard: float = 0.0
    on_effect: Callable[[Effect], None] = lambda _: None
    on_event: Callable[[SessionEvent], None] = lambda _: None

    def _carry_out(self, effect: Effect) -> None:
        self.effects.append(effect)
        self.on_effect(effect)

    def _emit(self, event: SessionEvent) -> None:
        self.events.append(event)
        self.on_event(event)

    def run(self, script: Callable[[Driver], Awaitable[None]]) -> Driver:
        async def main() -> Driver:
            driver = Driver(self._emit, loop_time, self._carry_out, lambda: self.heard)
            await script(driver)
            driver.post(StopRequested())
            await driver.idle()
            return driver

        return run_virtual(main)

    @property
    def told(self) -> list[str]:
        return [effect.code for effect in self.effects if isinstance(effect, does.Tell)]


def post(*events: Event) -> Callable[[Driver], Awaitable[None]]:
    async def script(driver: Driver) -> None:
        for event in events:
            driver.post(event)

    return script


def phase_of(driver: Driver) -> Phase:
    return driver.state.phase


SPEAK: list[Event] = [TextSubmitted("hi"), ReplyAudible(1, 0)]


def test_every_phase_is_told_and_every_effect_carried_out_in_order() -> None:
    stage = Stage()
    stage.run(post(TalkPressed(), TalkReleased(), TranscriptReady(1, 0, "hi"), ReplyAudible(1, 0), ReplyFinished(1, 0)))
    assert stage.events == [
        PhaseChanged(1, 0, phase)
        for phase in (Phase.LISTENING, Phase.SPECULATIVE, Phase.COMMITTED, Phase.SPEAKING, Phase.IDLE)
    ]
    assert stage.effects == [
        does.StartListening(1, 0),
        does.FinishListening(1, 0),
        does.StartReply(1, 0, "hi"),
        does.EndReply(1, 0, interrupted=False),
    ]


def test_an_interruption_is_told_as_the_end_of_one_turn_and_the_begin_of_the_next() -> None:
    stage = Stage()
    stage.run(post(*SPEAK, OverlapStarted(1, 0), InterruptionConfirmed(1, 0)))
    assert [(event.turn_id, event.phase) for event in stage.events if isinstance(event, PhaseChanged)] == [
        (1, Phase.COMMITTED),
        (1, Phase.SPEAKING),
        (1, Phase.IDLE),
        (2, Phase.LISTENING),
        (2, Phase.IDLE),
    ]


def test_each_turn_has_a_name_of_its_own_in_traces() -> None:
    stage = Stage()
    driver = stage.run(post(*SPEAK, OverlapStarted(1, 0), InterruptionConfirmed(1, 0)))
    names = {event.turn_id: event.trace_id for event in stage.events if isinstance(event, PhaseChanged)}
    assert [event.trace_id for event in stage.events if isinstance(event, PhaseChanged) and event.turn_id == 1] == [
        names[1]
    ] * 3
    assert all(len(bytes.fromhex(name)) == 16 for name in names.values())
    assert names[1] != names[2]
    assert [driver.trace_id(turn) for turn in (0, 1, 2)] == ["", names[1], names[2]]


def test_phases_are_told_even_when_the_history_is_full() -> None:
    stage = Stage()
    stage.run(post(*[event for _ in range(50) for event in (SpeechStarted(), StopRequested())]))
    assert len(stage.events) == 100


def test_an_event_that_comes_up_during_a_step_waits_for_its_end() -> None:
    order: list[str] = []
    stage = Stage()

    async def script(driver: Driver) -> None:
        def on_effect(effect: Effect) -> None:
            order.append(type(effect).__name__)
            if isinstance(effect, does.EndReply):
                driver.post(StopRequested())
                order.append(f"still {driver.state.phase}")

        stage.on_effect = on_effect
        for event in SPEAK:
            driver.post(event)
        driver.post(TalkPressed())
        assert phase_of(driver) is Phase.IDLE

    stage.run(script)
    assert order == ["StartReply", "EndReply", "still listening", "StartListening", "CancelListening"]


def test_a_listener_may_answer_at_once() -> None:
    stage = Stage()

    async def script(driver: Driver) -> None:
        def stop_it(event: SessionEvent) -> None:
            if event == PhaseChanged(1, 0, Phase.LISTENING):
                driver.post(StopRequested())

        stage.on_event = stop_it
        driver.post(TalkPressed())
        assert phase_of(driver) is Phase.IDLE

    stage.run(script)
    assert stage.effects == [does.StartListening(1, 0), does.CancelListening(1)]


def test_an_effect_that_cannot_be_carried_out_does_not_stop_the_next_event() -> None:
    stage = Stage()

    async def script(driver: Driver) -> None:
        def fail(effect: Effect) -> None:
            raise ValueError("cannot")

        stage.on_effect = fail
        with pytest.raises(ValueError, match="cannot"):
            driver.post(TalkPressed())
        stage.on_effect = lambda _: None
        driver.post(TalkReleased())
        assert phase_of(driver) is Phase.COMMITTED

    stage.run(script)


def test_whatever_else_happens_is_told_too() -> None:
    stage = Stage()
    notice = Notice("info", "muted", "The microphone is muted.")

    async def script(driver: Driver) -> None:
        driver.emit(notice)

    stage.run(script)
    assert stage.events == [notice]


def test_what_is_current() -> None:
    async def script(driver: Driver) -> None:
        driver.post(SpeechStarted())
        driver.post(EndLikely(1, 0))
        driver.post(SpeechStarted())
        current = [stamp for stamp in ((0, 0), (1, 0), (1, 1), (2, 0)) if driver.is_current(*stamp)]
        assert current == [(1, 1)]

    Stage().run(script)


async def _fail(error: Exception) -> None:
    await asyncio.sleep(0.1)
    raise error


def test_work_that_fails_ends_its_turn_with_a_sentence() -> None:
    stage = Stage()

    async def script(driver: Driver) -> None:
        driver.post(TextSubmitted("hi"))
        driver.spawn(_fail(ArvisError("broken", "It broke.")), 1, 0)
        await driver.idle()
        assert phase_of(driver) is Phase.IDLE

    stage.run(script)
    assert stage.effects[1:] == [does.EndReply(1, 0, interrupted=True), does.Tell(1, "broken", "It broke.")]


def test_work_that_breaks_down_is_a_sentence_too(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()

    async def script(driver: Driver) -> None:
        driver.post(TextSubmitted("hi"))
        await asyncio.wait({driver.spawn(_fail(KeyError("mad")), 1, 0)})

    stage.run(script)
    told = [effect for effect in stage.effects if isinstance(effect, does.Tell)]
    assert told == [does.Tell(1, "unexpected", "Something unexpected went wrong (KeyError). Please try again.")]
    assert "KeyError: 'mad'" in caplog.text


@pytest.mark.parametrize("stamp", [(1, 1), (0, 0), (None, 0)])
def test_nobody_need_know_of_failed_work_that_is_not_part_of_the_turn(stamp: tuple[int | None, int]) -> None:
    stage = Stage()

    async def script(driver: Driver) -> None:
        driver.post(TextSubmitted("hi"))
        await asyncio.wait({driver.spawn(_fail(ArvisError("broken", "It broke.")), *stamp)})
        assert phase_of(driver) is Phase.COMMITTED

    stage.run(script)
    assert stage.told == []


def test_work_that_is_cancelled_before_it_begins_leaves_nothing_behind() -> None:
    async def script(driver: Driver) -> None:
        driver.spawn(_fail(ArvisError("broken", "It broke.")), 1, 0).cancel()

    Stage().run(script)  # a coroutine that is never awaited would be a warning, and so an error


def test_idle_waits_for_the_turn_and_for_what_it_left_running() -> None:
    async def script(driver: Driver) -> None:
        begun = loop_time()
        await driver.idle()
        assert loop_time() == begun
        driver.post(TextSubmitted("hi"))
        driver.spawn(asyncio.sleep(2.0))
        asyncio.get_running_loop().call_later(1.0, driver.post, ReplyFinished(1, 0))
        await driver.idle()
        assert loop_time() - begun == pytest.approx(2.0)
        driver.post(TextSubmitted("hi"))
        asyncio.get_running_loop().call_later(3.0, driver.post, ReplyFinished(2, 0))
        await driver.idle()
        assert loop_time() - begun == pytest.approx(5.0)

    Stage().run(script)


def test_a_turn_that_hangs_is_ended(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()

    async def script(driver: Driver) -> None:
        driver.post(TalkPressed())
        await asyncio.sleep(LIMITS[Phase.LISTENING] - 0.5)
        assert phase_of(driver) is Phase.LISTENING
        driver.progress()
        await asyncio.sleep(LIMITS[Phase.LISTENING] - 0.5)
        assert phase_of(driver) is Phase.LISTENING
        await asyncio.sleep(1.0)
        assert phase_of(driver) is Phase.IDLE

    stage.run(script)
    assert stage.told == ["stuck-listening"]
    assert "listening made no progress in time" in caplog.text


def test_each_revision_has_its_own_time() -> None:
    stage = Stage()

    async def script(driver: Driver) -> None:
        driver.post(SpeechStarted())
        for revision in range(10):
            await asyncio.sleep(4.0)
            driver.post(EndLikely(1, revision))
            await asyncio.sleep(4.0)
            driver.post(SpeechStarted())
        assert (driver.state.phase, driver.state.revision) == (Phase.LISTENING, 10)

    stage.run(script)
    assert stage.told == []


def test_sound_that_is_heard_keeps_a_reply_alive() -> None:
    stage = Stage()

    async def script(driver: Driver) -> None:
        for event in SPEAK:
            driver.post(event)
        for _ in range(60):
            await asyncio.sleep(1.0)
            stage.heard += 1.0
        assert phase_of(driver) is Phase.SPEAKING
        await asyncio.sleep(LIMITS[Phase.SPEAKING] + 1.0)
        assert phase_of(driver) is Phase.IDLE

    stage.run(script)
    assert stage.told == ["stuck-speaking"]


def test_a_reply_that_is_held_too_long_goes_on() -> None:
    stage = Stage()

    async def script(driver: Driver) -> None:
        for event in (*SPEAK, OverlapStarted(1, 0), OverlapSustained(1, 0)):
            driver.post(event)
        await asyncio.sleep(PAUSED_LIMIT - 0.1)
        assert driver.state.overlap is Overlap.PAUSED
        await asyncio.sleep(0.2)
        assert (driver.state.phase, driver.state.overlap) == (Phase.SPEAKING, Overlap.NONE)

    stage.run(script)
    ladder = [effect.overlap for effect in stage.effects if isinstance(effect, does.SetOverlap)]
    assert ladder == [Overlap.DUCKED, Overlap.PAUSED, Overlap.NONE]


def test_who_works_on_after_a_turn_works_for_none() -> None:
    stage = Stage()

    async def script(driver: Driver) -> None:
        driver.post(TalkPressed())
        assert present_turn().turn_id == 1
        driver.post(StopRequested())
        assert phase_of(driver) is Phase.IDLE
        assert present_turn().turn_id is None

    stage.run(script)
