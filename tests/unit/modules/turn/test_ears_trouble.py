"""The open microphone as a device that is missing, lost or broken, and back again."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from modules.audio.base import AudioError
from modules.turn.ears import OPEN_SECONDS, RETRY_SECONDS, Ears
from tests.fakes.audio import FakeSource
from tests.fakes.clock import loop_time
from tests.fakes.ears import Hurried, Owner, live
from utils.errors import ArvisError

UNPLUGGED = AudioError("no-device", "There is no microphone.")


def test_a_missing_microphone_is_told_once_and_tried_again_and_again() -> None:
    source = FakeSource(open_error=UNPLUGGED)
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        begun = loop_time()
        ears.open()
        await asyncio.sleep(13.6)
        assert [(round(when - begun, 3), code) for when, code in owner.troubles] == [(0.0, "no-device")]
        source.open_error = None  # plugged in between the sixth attempt at 13.5 s and the next, 5 s later
        await asyncio.sleep(4.8)
        assert owner.opened == []
        await asyncio.sleep(0.2)
        assert owner.opened == [True]

    live(owner, script)
    assert len(owner.troubles) == 1


def test_the_pauses_between_the_attempts() -> None:
    attempts: list[float] = []

    class Missing(Hurried):
        async def open(self) -> None:
            attempts.append(loop_time())
            raise UNPLUGGED

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(19.0)

    live(Owner(Missing()), script)
    pauses = [after - before for before, after in itertools.pairwise(attempts)]
    assert pauses == pytest.approx([*RETRY_SECONDS, RETRY_SECONDS[-1], RETRY_SECONDS[-1]])


def test_a_microphone_that_was_unplugged_is_heard_again_and_the_next_loss_is_told_again() -> None:
    source = FakeSource(lose_after=1.0)
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        begun = loop_time()
        ears.open()
        await asyncio.sleep(1.2)
        assert not source.is_open
        assert owner.opened == [True, False]
        heard = len(owner.chunks)
        await asyncio.sleep(1.8)
        assert len(owner.chunks) > heard
        assert [round(when - begun, 1) for when, _ in owner.troubles] == [1.0, 2.6]

    live(owner, script)
    assert {code for _, code in owner.troubles} == {"device-lost"}
    assert source.reads_after_close == 0


def test_a_microphone_that_opens_but_gives_no_sound_before_it_is_lost_is_one_trouble() -> None:
    owner = Owner(FakeSource(lose_after=0.0))

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(9.0)

    live(owner, script)
    assert len(owner.troubles) == 1
    assert owner.opened.count(True) == 5


def test_a_microphone_that_does_not_open_is_a_sentence() -> None:
    source = FakeSource(open_seconds=1e6)
    owner = Owner(source)
    errors: list[ArvisError] = []

    async def script(ears: Ears) -> None:
        owner.ears._on_trouble = errors.append
        ears.open()
        await asyncio.sleep(OPEN_SECONDS - 0.1)
        assert errors == []
        await asyncio.sleep(0.2)
        assert [(error.code, error.message.split(".")[0]) for error in errors] == [
            ("device-timeout", "The microphone does not open")
        ]
        source.open_seconds = 0.0
        await asyncio.sleep(1.0)
        assert source.is_open

    live(owner, script)
    assert owner.opened == [True, False]


def test_close_between_two_attempts() -> None:
    source = FakeSource(open_error=UNPLUGGED)
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(0.2)
        ears.close()
        source.open_error = None
        await asyncio.sleep(10.0)

    live(owner, script)
    assert source.opened == 0


def test_somebody_else_may_have_the_microphone_between_two_attempts() -> None:
    owner = Owner(FakeSource(open_errors=[UNPLUGGED]))

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(0.1)
        async with owner.microphone:
            await asyncio.sleep(3.0)
            assert owner.opened == []
        await asyncio.sleep(0.1)
        assert owner.opened == [True]

    live(owner, script)


def test_a_driver_that_breaks_down_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    source = FakeSource(open_errors=[OSError("the driver went mad")])  # type: ignore[list-item]  # anything may come
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(1.0)

    live(owner, script)
    assert [code for _, code in owner.troubles] == ["unexpected"]
    assert owner.opened == [True, False]
    assert "the driver went mad" in caplog.text


def test_whoever_cannot_take_a_chunk_gets_the_next_ones(caplog: pytest.LogCaptureFixture) -> None:
    owner = Owner()

    def choke() -> None:
        if len(owner.chunks) == 3:
            raise ValueError("a bad chunk")

    owner.on_chunk = choke

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(1.0)

    live(owner, script)
    assert [code for _, code in owner.troubles] == ["unexpected"]
    assert owner.opened == [True, False, True, False]
    assert len(owner.chunks) > 20
    assert "a bad chunk" in caplog.text


def test_a_device_that_cannot_be_closed_properly_counts_as_closed(caplog: pytest.LogCaptureFixture) -> None:
    class Stubborn(Hurried):
        async def close(self) -> None:
            await super().close()
            if self.closed == 1:
                raise OSError("not now")

    owner = Owner(Stubborn())

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(1.0)

    live(owner, script)
    assert owner.opened == [True, False, True, False]
    assert [code for _, code in owner.troubles] == ["unexpected"]
    assert "not now" in caplog.text


def test_a_device_that_fails_as_it_is_closed_is_not_opened_again() -> None:
    class Loose(Hurried):
        opens = 0

        async def open(self) -> None:
            self.opens += 1

        async def close(self) -> None:
            await super().close()
            raise AudioError("device-lost", "The microphone was unplugged.")

    source = Loose(hangs=True)
    owner = Owner(source)

    async def script(ears: Ears) -> None:
        ears.open()
        await asyncio.sleep(1.0)
        ears.close()
        await asyncio.sleep(20.0)
        assert (source.opens, source.closed) == (1, 1)

    live(owner, script)
    assert (owner.opened, owner.troubles) == ([True, False], [])
