from __future__ import annotations

import asyncio

from utils.turn_context import TurnContext, bind_turn, present_turn

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_a_task_and_what_it_starts_know_the_turn_and_others_do_not() -> None:
    async def work(turn_id: int) -> list[TurnContext]:
        bind_turn(turn_id, TRACE)
        await asyncio.sleep(0)
        return [present_turn(), await asyncio.create_task(look()), await asyncio.to_thread(present_turn)]

    async def look() -> TurnContext:
        return present_turn()

    async def main() -> None:
        first, second = await asyncio.gather(work(1), work(2))
        assert first == [TurnContext(1, TRACE)] * 3
        assert second == [TurnContext(2, TRACE)] * 3
        assert present_turn() == TurnContext()

    asyncio.run(main())


def test_no_turn_has_no_trace() -> None:
    async def main() -> None:
        bind_turn(1, TRACE)
        bind_turn(None, TRACE)
        assert present_turn() == TurnContext(None, "")

    asyncio.run(main())
