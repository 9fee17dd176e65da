"""Looks that work, fail, hang and give way, on a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from modules.health.base import Check, Finding, HealthError, Status
from modules.health.checker import GRACE_SECONDS, OVERTAKE_SECONDS, HealthChecker
from modules.health.report import Transition
from tests.fakes.clock import loop_time, run_virtual

H, D, U, X = Status.HEALTHY, Status.DEGRADED, Status.UNHEALTHY, Status.UNKNOWN
BAR = 3.0
"""Seconds that all checks together may take."""


@dataclass
class Part:
    """A part that does what a test tells it."""

    name: str = "part"
    status: Status = H
    seconds: float = 0.1
    """How long a look takes; math.inf for ever."""
    error: Exception | None = None
    deaf: bool = False
    """Whether it takes no notice of being given up, as a native call."""
    looks: list[float] = field(default_factory=list)
    """When each look began."""
    ended: list[str] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    async def look(self) -> Finding:
        self.looks.append(loop_time())
        try:
            await asyncio.sleep(min(self.seconds, 1e9))
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            if self.deaf:
                await self.release.wait()
            raise
        if self.error is not None:
            raise self.error
        return Finding(self.status, f"It is {self.status.lower()}.", figures={"looks": len(self.looks)})

    def check(
        self, *, lane: str = "", needs_idle: bool = False, essential: bool = False, engine: Callable[[], str] = str
    ) -> Check:
        return Check(self.name, self.name.title(), self.look, essential, lane, needs_idle, engine)


FOREVER = float("inf")


def checker(
    *checks: Check, is_idle: Callable[[], bool] = lambda: True, chance: Callable[[], float] = lambda: 0.5
) -> tuple[HealthChecker, list[Transition]]:
    made = HealthChecker(checks, timeout_seconds=2.5, is_idle=is_idle, clock=loop_time, chance=chance)
    changes: list[Transition] = []
    made.subscribe(changes.append)
    return made, changes


def test_before_the_first_look_nothing_is_known() -> None:
    made, _ = checker(Part("stt").check(essential=True))
    assert made.report().overall is X
    assert made.ready() == (False, {"status": "UNKNOWN", "checks": {"stt": "UNKNOWN"}})
    assert made.live() == (True, {"status": "live", "late_seconds": 0.0})


@pytest.mark.parametrize("status", list(Status))
def test_what_is_found_is_kept_and_told_where_it_changes(status: Status) -> None:
    async def script() -> None:
        part = Part("stt", status)
        made, changes = checker(part.check(essential=True))
        for _ in range(2):
            report = await made.check()
        entry = report.entries["stt"]
        assert (entry.finding.status, entry.finding.figures["looks"], entry.seen) == (status, 2, loop_time())
        expected = Transition("stt", "Stt", X, status, f"It is {status.lower()}.")
        assert changes == ([] if status is X else [expected])

    run_virtual(script)


def test_checks_run_at_once() -> None:
    async def script() -> None:
        parts = [Part(name, seconds=1.0) for name in ("disk", "memory", "network")]
        made, _ = checker(*(part.check() for part in parts))
        began = loop_time()
        await made.check()
        assert loop_time() - began == pytest.approx(1.0)

    run_virtual(script)


def test_checks_of_a_lane_run_one_after_the_other() -> None:
    async def script() -> None:
        parts = [Part(name, seconds=0.4) for name in ("stt", "llm", "tts")]
        made, _ = checker(*(part.check(lane="engines") for part in parts))
        began = loop_time()
        await made.check()
        assert [part.looks[0] - began for part in parts] == pytest.approx([0.0, 0.4, 0.8])
        assert loop_time() - began == pytest.approx(1.2)

    run_virtual(script)


@pytest.mark.parametrize("hanging", range(4))
@pytest.mark.parametrize("deaf", [False, True])
def test_all_together_take_less_than_the_bar_whichever_engine_hangs(hanging: int, deaf: bool) -> None:
    async def script() -> None:
        parts = [Part(name, seconds=0.3) for name in ("stt", "llm", "tts", "disk")]
        parts[hanging].seconds, parts[hanging].deaf = FOREVER, deaf
        made, _ = checker(*(part.check(lane="engines" if part.name != "disk" else "") for part in parts))
        began = loop_time()
        report = await made.check()
        assert loop_time() - began < BAR
        assert report.named(U) == (parts[hanging].name,)
        found = report.entries[parts[hanging].name].finding
        assert found.reason.startswith("It did not answer within 2.")
        assert found.remedy
        assert len(report.named(H)) == 3
        parts[hanging].release.set()
        await made.close()

    run_virtual(script)


def test_all_together_take_less_than_the_bar_when_everything_hangs() -> None:
    async def script() -> None:
        parts = [Part(name, seconds=FOREVER, deaf=True) for name in ("vad", "stt", "llm", "tts")]
        made, _ = checker(*(part.check(lane="engines") for part in parts))
        began = loop_time()
        report = await made.check()
        assert loop_time() - began == pytest.approx(2.5 + GRACE_SECONDS)
        assert 2.5 + GRACE_SECONDS < BAR
        assert len(report.named(U)) == 4
        assert [part.looks[0] - began for part in parts] == pytest.approx([OVERTAKE_SECONDS * i for i in range(4)])
        assert made.given_up == {"vad", "stt", "llm", "tts"}
        for part in parts:
            part.release.set()

    run_virtual(script)


def test_what_hangs_is_not_asked_again_before_it_has_answered() -> None:
    async def script() -> None:
        part = Part("llm", seconds=FOREVER, deaf=True)
        made, changes = checker(part.check(engine=lambda: "llama-cpp"))
        await made.check()
        await asyncio.sleep(60.0)
        began = loop_time()
        report = await made.check()
        assert loop_time() == began
        assert report.entries["llm"].finding.reason == "It did not answer within 62.5 seconds."
        assert len(part.looks) == 1
        part.release.set()
        await asyncio.sleep(0)
        part.seconds = 0.1
        assert (await made.check()).named(H) == ("llm",)
        assert [(change.old, change.new, change.engine) for change in changes] == [(X, U, "llama-cpp"), (U, H, "")]

    run_virtual(script)


def test_an_engine_that_took_the_place_of_one_that_hangs_is_asked() -> None:
    async def script() -> None:
        part, engine = Part("stt", seconds=FOREVER, deaf=True), "whisper"
        made, _ = checker(part.check(engine=lambda: engine))
        await made.check()
        part.seconds, engine = 1.0, "moonshine"
        checking = asyncio.create_task(made.check())
        await asyncio.sleep(0.5)
        part.release.set()
        await asyncio.sleep(0)
        assert (await made.check()).named(H) == ("stt",)  # the end of the old look is no concern of the new one
        await checking
        assert len(part.looks) == 2

    run_virtual(script)


def test_errors_are_told_and_do_not_keep_the_others() -> None:
    async def script() -> None:
        silent = Part("tts", error=HealthError("silent-voice", "Nothing is to be heard."))
        broken = Part("stt", error=RuntimeError("what was said"))
        made, _ = checker(silent.check(), broken.check(), Part("llm").check())
        report = await made.check()
        assert report.statuses() == {"tts": "UNHEALTHY", "stt": "UNHEALTHY", "llm": "HEALTHY"}
        assert report.entries["tts"].finding.reason == "Nothing is to be heard."
        assert report.entries["stt"].finding.reason == "It broke down (RuntimeError)."

    run_virtual(script)


def test_fresh_results_are_good_enough_where_that_is_said() -> None:
    async def script() -> None:
        part = Part()
        made, _ = checker(part.check())
        for age, looks in ((0.0, 1), (20.0, 1), (0.0, 2)):
            await made.check(max_age=age)
            assert len(part.looks) == looks
        await asyncio.sleep(20.1)
        await made.check(max_age=20.0)
        assert len(part.looks) == 3

    run_virtual(script)


def test_two_who_ask_at_once_share_a_look() -> None:
    async def script() -> None:
        part = Part(seconds=1.0)
        made, changes = checker(part.check())
        await asyncio.gather(made.check(), made.check())
        assert (len(part.looks), len(changes)) == (1, 1)

    run_virtual(script)


def test_only_what_was_named_is_looked_at() -> None:
    async def script() -> None:
        disk, memory = Part("disk"), Part("memory")
        made, _ = checker(disk.check(), memory.check())
        await made.check("memory")
        assert (len(disk.looks), len(memory.looks)) == (0, 1)

    run_virtual(script)


def test_while_a_turn_is_under_way_engines_are_left_alone() -> None:
    async def script() -> None:
        idle = False
        stt, disk = Part("stt"), Part("disk")
        made, _ = checker(stt.check(needs_idle=True), disk.check(), is_idle=lambda: idle)
        report = await made.check()
        assert (len(stt.looks), len(disk.looks)) == (0, 1)
        assert report.entries["stt"].finding.reason == "A turn is under way."
        idle = True
        await made.check()
        idle, stt.status = False, U
        assert (await made.check()).entries["stt"].finding.status is H  # what was known stays

    run_virtual(script)


def test_a_turn_that_begins_ends_the_looks_in_its_way() -> None:
    async def script() -> None:
        llm, disk = Part("llm", seconds=1.0), Part("disk", seconds=1.0)
        made, changes = checker(llm.check(needs_idle=True), disk.check())
        checking = asyncio.create_task(made.check())
        await asyncio.sleep(0.5)
        made.give_way()
        report = await checking
        assert llm.ended == ["cancelled"]
        assert report.statuses() == {"llm": "UNKNOWN", "disk": "HEALTHY"}
        assert [change.name for change in changes] == ["disk"]
        assert (await made.check()).statuses()["llm"] == "HEALTHY"

    run_virtual(script)


def test_a_listener_that_fails_harms_nobody_and_one_that_left_is_not_told() -> None:
    async def script() -> None:
        part = Part()
        made = HealthChecker([part.check()], clock=loop_time)
        told: list[Status] = []

        def fail(change: Transition) -> None:
            raise RuntimeError("no")

        made.subscribe(fail)
        leave = made.subscribe(lambda change: told.append(change.new))
        await made.check()
        leave()
        part.status = D
        await made.check()
        assert told == [H]
        assert made.report().named(D) == ("part",)

    run_virtual(script)


def test_every_finding_is_told_to_who_composed_the_checks() -> None:
    async def script() -> None:
        found: list[tuple[str, Status]] = []
        made = HealthChecker(
            [Part().check()], clock=loop_time, on_found=lambda name, it: found.append((name, it.status))
        )
        await made.check()
        await made.check()
        assert found == [("part", H), ("part", H)]

    run_virtual(script)


@pytest.mark.parametrize("status", [D, U])
def test_all_is_looked_at_periodically_and_what_is_not_well_oftener(status: Status) -> None:
    async def script() -> None:
        good, bad = Part("disk", seconds=0.0), Part("audio-in", status, seconds=0.0)
        made, _ = checker(good.check(), bad.check())
        began = loop_time()
        running = asyncio.create_task(made.run(300.0))
        await asyncio.sleep(650.0)
        running.cancel()
        assert [look - began for look in good.looks] == pytest.approx([0.0, 300.0, 600.0])
        assert [look - began for look in bad.looks] == pytest.approx([30.0 * number for number in range(22)])

    run_virtual(script)


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 270.0), (0.5, 300.0), (1.0, 330.0)])
def test_chance_makes_an_interval_shorter_or_longer(chance: float, seconds: float) -> None:
    async def script() -> None:
        part = Part(seconds=0.0)
        made, _ = checker(part.check(), chance=lambda: chance)
        running = asyncio.create_task(made.run(300.0))
        await asyncio.sleep(seconds + 1.0)
        running.cancel()
        assert part.looks[1] - part.looks[0] == pytest.approx(seconds)

    run_virtual(script)


def test_without_an_interval_all_is_looked_at_once() -> None:
    async def script() -> None:
        part = Part()
        made, _ = checker(part.check())
        running = asyncio.create_task(made.run(0.0))
        await asyncio.sleep(1e6)
        assert len(part.looks) == 1
        assert made.live()[0]
        running.cancel()

    run_virtual(script)


def test_a_loop_that_is_stuck_is_not_live() -> None:
    now = 0.0

    async def script() -> None:
        nonlocal now
        made = HealthChecker([Part().check()], timeout_seconds=2.5, clock=lambda: now, chance=lambda: 0.5)
        running = asyncio.create_task(made.run(300.0))
        await asyncio.sleep(1.0)
        now = 30.0
        assert made.live()[0]
        now = 40.0
        assert made.live() == (False, {"status": "stuck", "late_seconds": 6.9})
        running.cancel()
        await asyncio.sleep(0)
        assert made.live()[0]  # it was ended, and is not stuck

    run_virtual(script)


def test_closing_waits_for_nothing_that_hangs() -> None:
    async def script() -> None:
        slow, deaf = Part("disk", seconds=FOREVER), Part("stt", seconds=FOREVER, deaf=True)
        made, _ = checker(slow.check(), deaf.check())
        checking = asyncio.create_task(made.check())
        await asyncio.sleep(1.0)
        began = loop_time()
        await made.close()
        assert loop_time() - began == pytest.approx(GRACE_SECONDS)
        assert (slow.ended, deaf.ended) == (["cancelled"], ["cancelled"])
        deaf.release.set()
        await checking
        await made.close()

    run_virtual(script)
