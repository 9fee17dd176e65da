"""What happens between turns: trials of engines that failed, and getting others ready."""

from __future__ import annotations

import asyncio

from modules.fallback.policy import FallbackPolicy
from tests.unit.modules.fallback.engines import Bench, Demo, DemoError
from tests.unit.modules.fallback.test_chain import play


def test_a_better_engine_that_works_again_comes_back_by_itself() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        bench.engines[0].mend()
        await asyncio.sleep(29.0)
        assert bench.current == "y"
        await asyncio.sleep(2.0)
        assert bench.current == "x"
        assert bench.engines[0].warm_ups == 1
        assert bench.events[1:] == []  # it has to show that it works before the user is told
        await bench.ask()

    bench = play(script, "load")
    assert bench.told == [("x", "y", "load", True), ("y", "x", "recovery", True)]


def test_it_is_tried_less_and_less_often_as_long_as_it_fails() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        loads = []
        for _ in range(8):
            await asyncio.sleep(30.5)
            loads.append(bench.engines[0].loads)
        assert loads == [2, 2, 3, 3, 3, 3, 4, 4]
        assert bench.current == "y"

    assert len(play(script, "load").events) == 1


def test_a_trial_waits_for_the_end_of_the_turn() -> None:
    async def script(bench: Bench) -> None:
        bench.idle = False
        await bench.ask()
        bench.engines[0].mend()
        await asyncio.sleep(100.0)
        assert (bench.engines[0].loads, bench.current) == (1, "y")
        bench.idle = True
        await asyncio.sleep(1.5)
        assert (bench.engines[0].loads, bench.current) == (2, "x")

    play(script, "load")


def test_a_turn_that_begins_during_a_trial_keeps_its_engine_to_the_end() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        bench.engines[0].fault = "first hangs"
        await asyncio.sleep(31.0)  # the trial is under way
        assert bench.chain.states()[0].breaker == "half-open"
        bench.idle = False
        assert (await bench.ask())[0] == "ya"
        assert bench.current == "y"

    play(script, "load")


def test_a_trial_that_hangs_is_given_up() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        bench.engines[0].fault = "load hangs"
        await asyncio.sleep(65.0)
        assert bench.chain.states()[0].breaker == "open"
        bench.engines[0].mend()
        await asyncio.sleep(130.0)
        assert bench.current == "x"

    play(script, "load")


def test_an_engine_in_which_a_call_hangs_is_not_tried() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        await asyncio.sleep(60.0)
        assert bench.engines[0].warm_ups == 0
        bench.engines[0].mend()
        await asyncio.sleep(120.0)
        assert bench.engines[0].warm_ups == 1
        assert bench.current == "x"

    play(script, "native hang")


def test_a_single_engine_recovers_too() -> None:
    async def script(bench: Bench) -> None:
        try:
            await bench.ask()
        except DemoError:
            bench.engines[0].mend()
        await asyncio.sleep(31.0)
        assert bench.chain.states()[0].breaker == "closed"
        assert (await bench.ask())[0] == "xa"

    play(script, "first hangs", count=1)


def test_a_trial_may_ask_for_more_than_a_warm_up() -> None:
    broken = True

    def trial(engine: Demo) -> None:
        if broken:
            raise DemoError("silent", f"{engine.name} is silent.")

    async def script(bench: Bench) -> None:
        nonlocal broken
        await bench.ask()
        bench.engines[0].mend()
        await asyncio.sleep(31.0)
        assert bench.current == "y"
        assert bench.chain.states()[0].reason == "x is silent."
        broken = False
        await asyncio.sleep(61.0)
        assert bench.current == "x"

    play(script, "load", trial=trial)


def test_a_marked_engine_comes_back_when_it_is_as_fast_as_before() -> None:
    async def script(bench: Bench) -> None:
        await bench.chain.warm_up()
        bench.chain.mark("x", "degraded")
        bench.engines[0].floor = 0.5
        await asyncio.sleep(31.0)
        assert bench.current == "y"
        bench.engines[0].floor = 0.15
        await asyncio.sleep(31.0)
        assert bench.current == "x"

    play(script)


def test_a_warm_stand_by_is_loaded_while_nothing_else_goes_on() -> None:
    async def script(bench: Bench) -> None:
        bench.idle = False
        await bench.ask()
        await asyncio.sleep(5.0)
        assert [engine.loads for engine in bench.engines] == [1, 0, 0]
        bench.idle = True
        await asyncio.sleep(1.5)
        assert [engine.loads for engine in bench.engines] == [1, 1, 0]
        assert bench.engines[1].warm_ups == 1

    play(script, count=3, policy=FallbackPolicy(warm_standby=True))


def test_a_stand_by_that_cannot_be_loaded_gives_way_to_the_next() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        await asyncio.sleep(1.5)
        assert [engine.loads for engine in bench.engines] == [1, 1, 1]
        assert bench.chain.states()[1].reason == "y cannot be loaded."

    assert play(script, "", "load", count=3, policy=FallbackPolicy(warm_standby=True)).events == []


def test_nothing_runs_when_there_is_nothing_to_do() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("keep")] == []

    play(script)


def test_closing_ends_a_trial_that_hangs() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        bench.engines[0].fault = "load hangs"
        await asyncio.sleep(31.0)
        await bench.chain.close()
        assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("keep")] == []

    play(script, "load")
