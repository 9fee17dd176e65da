"""The open microphone as a device: opened, closed, and shared."""

from __future__ import annotations

import asyncio

import pytest

from modules.turn.ears import Ears
from tests.fakes.audio import FakeSource
from tests.fakes.ears import Hurried, Owner, live


def test_what_the_microphone_hears_is_passed_on() -> None:
    async def script(ears: Ears) -> None:
        before = ears.wanted
        ears.open()
        assert (before, ears.wanted) == (False, True)
        await asyncio.sleep(1.0)

    owner = live(Owner(), script)
    assert len(owner.chunks) == pytest.approx(50, abs=2)
    assert (owner.opened, owner.troubles, owner.ends) == ([True, False], [], 0)
    assert not owner.ears.wanted


def test_opening_twice_is_opening_once() -> None:
    source = FakeSource()

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(0.1)
        ears.open()
        await asyncio.sleep(0.1)

    live(Owner(source), script)
    assert source.opened == 1


def test_nothing_is_passed_on_after_close_and_the_device_is_closed() -> None:
    source = FakeSource()
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(1.0)
        heard = len(owner.chunks)
        ears.close()
        assert not ears.wanted
        await ears.closed()
        assert not source.is_open
        reads = source.reads
        await asyncio.sleep(10.0)
        assert (len(owner.chunks), source.reads, source.readers) == (heard, reads, 0)

    live(owner, script)
    assert source.reads_after_close == 0


@pytest.mark.parametrize("count", [10, 3])
def test_a_listener_may_close_the_ears_with_any_chunk(count: int) -> None:
    owner = Owner(Hurried(count))

    def close_with_the_third() -> None:
        if len(owner.chunks) == 3:
            owner.ears.close()

    owner.on_chunk = close_with_the_third

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(1.0)

    live(owner, script)
    assert (len(owner.chunks), owner.ends, owner.opened) == (3, 0, [True, False])


def test_a_listener_may_open_them_anew_when_the_source_has_ended() -> None:
    source = FakeSource(seconds=0.5)
    owner = Owner(source)

    def begin_again() -> None:
        source.seconds = 3600.0
        owner.ears.close()
        owner.ears.open()

    owner.on_end = begin_again

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(2.0)
        assert ears.wanted
        assert source.is_open

    live(owner, script)
    assert (owner.ends, owner.opened) == (1, [True, False, True, False])
    assert not source.is_open


def test_a_device_that_is_closing_is_waited_for_and_not_interrupted() -> None:
    source = Hurried(hangs=True, closing_seconds=0.2)
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(1.0)
        ears.close()
        await asyncio.sleep(0.1)
        assert source.closed == 0
        await ears.closed()
        assert source.closed == 1

    live(owner, script)
    assert owner.opened == [True, False]


def test_open_after_close_waits_until_the_device_is_closed() -> None:
    source = FakeSource()
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(0.5)
        ears.close()
        ears.open()
        await asyncio.sleep(0.5)

    live(owner, script)
    assert owner.opened == [True, False, True, False]
    assert source.opened == 2


def test_close_while_the_microphone_opens() -> None:
    source = FakeSource(open_seconds=2.0)
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(1.0)
        ears.close()
        await asyncio.sleep(5.0)

    live(owner, script)
    assert (owner.opened, owner.troubles, source.is_open) == ([], [], False)


def test_a_source_that_ends_by_itself_has_an_end() -> None:
    source = FakeSource(seconds=0.5)
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(10.0)
        assert not ears.wanted
        assert (owner.ends, owner.opened, owner.troubles, source.opened) == (1, [True, False], [], 1)
        ears.open()
        await asyncio.sleep(1.0)

    live(owner, script)
    assert (owner.ends, len(owner.chunks)) == (2, 50)


def test_a_source_has_one_owner_at_a_time() -> None:
    source = FakeSource()
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        async with owner.microphone:
            await source.open()  # asserts that nobody else has it open
            ears.open()
            await asyncio.sleep(1.0)
            assert owner.opened == []
            await source.close()
        await asyncio.sleep(0.1)
        assert owner.opened == [True]
        ears.close()
        async with owner.microphone:
            assert not source.is_open
            await source.open()
            await source.close()

    live(owner, script)
