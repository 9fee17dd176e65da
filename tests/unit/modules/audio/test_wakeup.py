from __future__ import annotations

import asyncio
import threading

from modules.audio.wakeup import Wakeup


async def test_a_signal_from_another_thread_wakes_the_one_who_waits() -> None:
    wakeup = Wakeup()
    waiting = asyncio.create_task(wakeup.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    thread = threading.Thread(target=wakeup.signal)
    thread.start()
    await asyncio.wait_for(waiting, 5)
    thread.join()


async def test_many_signals_count_as_one() -> None:
    wakeup = Wakeup()
    for _ in range(5):
        wakeup.signal()
    await wakeup.wait()
    again = asyncio.create_task(wakeup.wait())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not again.done()
    wakeup.signal()
    await again


def test_a_signal_after_the_loop_has_gone_is_ignored() -> None:
    async def build() -> Wakeup:
        return Wakeup()

    wakeup = asyncio.run(build())
    wakeup.signal()
    wakeup.signal()
