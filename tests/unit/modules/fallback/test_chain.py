from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from modules.fallback.chain import QUIET_SECONDS, EngineChain
from modules.fallback.link import LOAD_SECONDS
from modules.fallback.policy import FallbackPolicy
from tests.fakes.clock import loop_time, run_virtual
from tests.unit.modules.fallback.engines import STAGE, Bench, Demo, DemoError
from utils.errors import ArvisError


def play(script: Callable[[Bench], Coroutine[Any, Any, None]], *faults: str, **options: Any) -> Bench:
    """Run a script with engines called x, y and z, which have these faults."""
    bench: list[Bench] = []

    async def main() -> None:
        engines = [Demo(name, fault) for name, fault in zip("xyz", (*faults, "", "", ""), strict=False)]
        bench.append(Bench(engines[: options.pop("count", 2)], **options))
        await script(bench[0])
        await bench[0].chain.close()

    run_virtual(main)
    return bench[0]


def test_the_first_engine_does_the_work_and_the_others_are_not_even_loaded() -> None:
    async def script(bench: Bench) -> None:
        await bench.chain.load()
        assert await bench.chain.warm_up() == 0.1
        assert await bench.ask() == ["xa", "xb", "xc"]

    bench = play(script)
    assert [engine.loads for engine in bench.engines] == [1, 0]
    assert bench.events == []


@pytest.mark.parametrize(
    ("fault", "given", "moment", "seconds"),
    [
        ("load", ["ya", "yb", "yc"], "load", 0.0),
        ("load hangs", ["ya", "yb", "yc"], "load", LOAD_SECONDS),
        ("first", ["ya", "yb", "yc"], "first result", 0.0),
        ("memory", ["ya", "yb", "yc"], "first result", 0.0),
        ("first hangs", ["ya", "yb", "yc"], "first result", 5.0),
        ("middle", ["xa", "ya", "yb", "yc"], "middle", 0.0),
        ("middle hangs", ["xa", "ya", "yb", "yc"], "middle", 5.0),
        ("native hang", ["ya", "yb", "yc"], "first result", 5.0),
    ],
)
def test_the_next_engine_takes_over(fault: str, given: list[str], moment: str, seconds: float) -> None:
    async def script(bench: Bench) -> None:
        assert await bench.ask() == given
        assert bench.current == "y"
        bench.engines[0].mended.set()

    bench = play(script, fault)
    assert bench.told == [("x", "y", moment, True)]
    assert bench.events[0].added_seconds == pytest.approx(seconds, abs=0.1)
    assert bench.events[0].error is not None


def test_what_native_code_raises_becomes_an_error_of_the_stage() -> None:
    async def script(bench: Bench) -> None:
        with pytest.raises(DemoError, match="not enough memory for x") as raised:
            await bench.ask()
        assert raised.value.code == "out-of-memory"

    assert play(script, "memory", count=1).engines[0].closes >= 1


def test_the_callers_mistakes_are_raised_and_change_nothing() -> None:
    async def script(bench: Bench) -> None:
        for _ in range(5):
            with pytest.raises(DemoError, match="nonsense"):
                await bench.ask()
        assert bench.current == "x"

    assert play(script, "your fault").events == []


def test_when_none_is_left_all_reasons_are_told() -> None:
    async def script(bench: Bench) -> None:
        with pytest.raises(DemoError, match=r"No engine works\. x cannot be loaded\. y broke\.") as raised:
            await bench.ask()
        assert raised.value.code == "no-demo"

    play(script, "load", "first")


def test_a_single_engine_keeps_its_own_error() -> None:
    async def script(bench: Bench) -> None:
        with pytest.raises(DemoError, match=r"x broke\.$"):
            await bench.ask()

    assert play(script, "first", count=1).events == []


def test_after_all_have_failed_the_next_request_tries_them_again() -> None:
    async def script(bench: Bench) -> None:
        with pytest.raises(DemoError):
            await bench.ask()
        bench.engines[0].mend()
        assert await bench.ask() == ["xa", "xb", "xc"]

    play(script, "load", "load")


def test_one_that_hung_is_not_waited_for_again_before_its_time() -> None:
    async def script(bench: Bench) -> None:
        with pytest.raises(DemoError, match="x gave no result within 5 seconds"):
            await bench.ask()
        begun = loop_time()
        with pytest.raises(DemoError, match="x gave no result within 5 seconds"):
            await bench.ask()
        assert loop_time() == begun
        assert bench.engines[0].asked == 1

    play(script, "first hangs", count=1)


def test_one_that_hangs_in_native_code_is_not_asked_before_it_comes_back() -> None:
    async def script(bench: Bench) -> None:
        with pytest.raises(DemoError):
            await bench.ask()
        bench.idle = False
        await asyncio.sleep(100.0)  # its time has come, but it still hangs
        with pytest.raises(DemoError):
            await bench.ask()
        assert bench.engines[0].asked == 1
        bench.engines[0].mend()
        await asyncio.sleep(0.1)
        assert await bench.ask() == ["xa", "xb", "xc"]

    play(script, "native hang", count=1)


def test_a_known_bad_engine_costs_nothing() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        for _ in range(5):
            begun = loop_time()
            assert await bench.ask() == ["ya", "yb", "yc"]
            assert loop_time() == begun
        assert bench.engines[0].asked == 1

    play(script, "first hangs")


def test_the_user_is_told_once_of_an_outage_and_once_of_its_end() -> None:
    async def script(bench: Bench) -> None:
        for _ in range(2):
            await bench.ask()
            bench.chain.settle()
        bench.engines[0].mend()
        await bench.ask()

    bench = play(script, "first")
    assert bench.told == [
        ("x", "y", "first result", True),
        ("x", "y", "first result", False),
        ("y", "x", "recovery", True),
    ]
    assert bench.events[-1].error is None


def test_a_single_failure_is_forgiven_between_turns_but_not_within_one() -> None:
    async def script(bench: Bench) -> None:
        bench.idle = False
        await bench.ask()
        bench.engines[0].mend()
        assert (await bench.ask())[0] == "ya"
        bench.idle = True
        bench.chain.settle()
        assert (await bench.ask())[0] == "xa"

    play(script, "first")


def test_the_third_failure_leaves_an_engine_alone() -> None:
    async def script(bench: Bench) -> None:
        for _ in range(5):
            await bench.ask()
            bench.chain.settle()
        assert bench.engines[0].asked == 3
        assert [(state.name, state.breaker, state.current) for state in bench.chain.states()] == [
            ("x", "open", False),
            ("y", "closed", True),
        ]
        assert bench.chain.states()[0].reason == "x broke."

    play(script, "first")


def test_an_engine_that_is_marked_is_passed_over_before_the_turn() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        bench.chain.mark("x", "degraded", "It is slow.")
        await asyncio.sleep(0.1)  # the next one is loaded meanwhile
        begun = loop_time()
        assert await bench.ask() == ["ya", "yb", "yc"]
        assert loop_time() == begun
        assert bench.chain.states()[0].reason == "It is slow."
        bench.chain.mark("x", "healthy")
        assert (await bench.ask())[0] == "xa"

    bench = play(script)
    assert bench.told == [("x", "y", "between turns", True), ("y", "x", "recovery", True)]
    assert bench.events[0].error is not None
    assert bench.events[0].error.message == "It is slow."


def test_a_mark_in_the_middle_of_a_turn_waits_for_its_end() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        bench.idle = False
        bench.chain.mark("x", "unhealthy")
        await asyncio.sleep(5.0)
        assert (await bench.ask())[0] == "xa"
        bench.idle = True
        await asyncio.sleep(2.0)
        assert (await bench.ask())[0] == "ya"

    play(script)


def test_a_poor_engine_is_better_than_none() -> None:
    async def script(bench: Bench) -> None:
        bench.chain.mark("x", "degraded")
        bench.chain.mark("y", "degraded")
        assert (await bench.ask())[0] == "xa"

    play(script)


@pytest.mark.parametrize(("name", "status"), [("nobody", "degraded"), ("x", "unknown"), ("x", "")])
def test_marks_that_say_nothing_change_nothing(name: str, status: str) -> None:
    async def script(bench: Bench) -> None:
        bench.chain.mark(name, status)
        await asyncio.sleep(1.0)
        assert (await bench.ask())[0] == "xa"

    play(script)


def test_an_engine_that_does_not_suit_is_not_asked_in_place_of_another() -> None:
    async def script(bench: Bench) -> None:
        async with bench.chain.request(lambda engine: engine.name != "y") as request:
            assert (await request.engine()).name == "x"
            assert request.alternative()
            request.failed(DemoError("broken", "x broke."))
            assert (await request.engine()).name == "z"
            assert not request.alternative()

    play(script, count=3)


def test_a_warm_up_that_fails_or_hangs_lets_the_next_take_over() -> None:
    async def script(bench: Bench) -> None:
        assert await bench.chain.warm_up() == 0.1
        assert bench.current == "z"

    bench = play(script, "warm-up", "first hangs", count=3)
    assert bench.told == [("x", "y", "first result", True), ("y", "z", "first result", True)]


def test_one_who_is_cancelled_leaves_the_engine_free() -> None:
    async def script(bench: Bench) -> None:
        task = asyncio.ensure_future(bench.ask())
        await asyncio.sleep(1.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        bench.engines[0].mend()
        assert await bench.ask() == ["xa", "xb", "xc"]

    assert play(script, "first hangs").events == []


def test_a_load_that_is_given_up_is_begun_again_by_the_next() -> None:
    async def script(bench: Bench) -> None:
        task = asyncio.ensure_future(bench.chain.load())
        await asyncio.sleep(1.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        bench.engines[0].mend()
        assert (await bench.ask())[0] == "xa"

    play(script, "load hangs")


def test_closing_begins_anew_and_waits_for_nobody_who_hangs() -> None:
    async def script(bench: Bench) -> None:
        await bench.ask()
        bench.chain.mark("y", "degraded")
        bench.engines[1].fault = "close hangs"
        begun = loop_time()
        await bench.chain.close()
        assert loop_time() - begun < 5.0
        assert [engine.closes for engine in bench.engines] == [1, 1]
        assert bench.current == "x"
        assert all(state.breaker == "closed" and not state.reason for state in bench.chain.states())
        bench.engines[1].mend()

    play(script, "load")


def test_progress_of_loading_is_passed_on() -> None:
    async def script(bench: Bench) -> None:
        notes: list[str] = []
        await bench.chain.load(lambda step: notes.append(step.engine))
        await asyncio.sleep(0)
        assert notes == ["x"]

    play(script)


def test_without_word_of_turns_a_while_without_use_is_the_end_of_one() -> None:
    async def main() -> None:
        x, y = Demo("x", "first"), Demo("y")
        chain: EngineChain[Demo] = EngineChain(STAGE, [x, y], clock=loop_time)
        async with chain.request() as request:
            await request.engine()
            request.failed(DemoError("broken", "x broke."))
            await request.engine()
        await asyncio.sleep(QUIET_SECONDS - 0.5)
        current = [chain.current.engine.name]
        await asyncio.sleep(1.0)
        chain.settle()
        assert [*current, chain.current.engine.name] == ["y", "x"]
        assert [x.loads, y.loads] == [1, 1]
        await chain.close()

    run_virtual(main)


def test_there_must_be_an_engine() -> None:
    with pytest.raises(ValueError, match="at least one"):
        EngineChain(STAGE, [])


def test_an_outage_that_is_told_by_nobody_harms_nobody() -> None:
    async def main() -> None:
        chain: EngineChain[Demo] = EngineChain(STAGE, [Demo("x", "load"), Demo("y")], policy=FallbackPolicy())
        await chain.load()
        assert chain.current.engine.name == "y"
        await chain.close()

    run_virtual(main)


def test_errors_of_ours_are_passed_on_as_they_are() -> None:
    async def script(bench: Bench) -> None:
        error = ArvisError("mine", "Mine.")
        assert bench.chain.explained(bench.chain.links[0], error) is error
        assert bench.chain.explained(bench.chain.links[0], KeyError("k")).code == "engine-failed"

    play(script)


async def _give_up(bench: Bench) -> None:
    """Ask, and lose patience with an engine that hangs in native code."""
    task = asyncio.ensure_future(bench.ask())
    await asyncio.sleep(1.0)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


def test_an_engine_that_is_not_free_after_a_request_was_given_up_is_passed_over() -> None:
    async def script(bench: Bench) -> None:
        await _give_up(bench)
        begun = loop_time()
        assert (await bench.ask())[0] == "ya"
        assert loop_time() == begun
        bench.engines[0].mend()

    bench = play(script, "native hang")
    assert bench.told == [("x", "y", "first result", True)]
    assert bench.events[0].error is not None
    assert bench.events[0].error.code == "stuck"


def test_it_is_waited_for_when_there_is_no_other() -> None:
    async def script(bench: Bench) -> None:
        await _give_up(bench)
        asyncio.get_running_loop().call_later(3.0, bench.engines[0].mend)
        assert await bench.ask() == ["xa", "xb", "xc"]

    play(script, "native hang", count=1)
