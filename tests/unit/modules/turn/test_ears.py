"""The open microphone as a device: opened, closed, lost, and back again."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, AudioError, AudioSource
from modules.turn.ears import OPEN_SECONDS, RETRY_SECONDS, Ears
from tests.fakes.audio import FakeSource
from tests.fakes.clock import loop_time, run_virtual
from utils.errors import ArvisError

UNPLUGGED = AudioError("no-device", "There is no microphone.")


@dataclass
class Owner:
    """Whoever the ears belong to, with everything that they told, and when."""

    source: AudioSource = field(default_factory=FakeSource)
    chunks: list[AudioChunk] = field(default_factory=list)
    opened: list[bool] = field(default_factory=list)
    troubles: list[tuple[float, str]] = field(default_factory=list)
    ends: int = 0
    on_chunk: Callable[[], None] = lambda: None
    on_end: Callable[[], None] = lambda: None
    microphone: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.ears = Ears(
            self.source,
            self.microphone,
            on_chunk=self._take,
            on_open=self.opened.append,
            on_trouble=lambda error: self.troubles.append((loop_time(), error.code)),
            on_end=self._end,
        )

    def _take(self, chunk: AudioChunk) -> None:
        self.chunks.append(chunk)
        self.on_chunk()

    def _end(self) -> None:
        self.ends += 1
        self.on_end()


def live(owner: Owner, script: Callable[[Ears], Awaitable[None]]) -> Owner:
    """Run a script, then close the ears; nothing may be left running."""

    async def main() -> None:
        await script(owner.ears)
        owner.ears.close()
        await owner.ears.closed()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtual(main)
    return owner


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


@dataclass
class Hurried:
    """A source that has everything already, so that its reader never waits for it."""

    count: int = 10
    hangs: bool = False
    """Whether it gives nothing more after that, instead of ending."""
    closing_seconds: float = 0.0
    closed: int = 0

    async def open(self) -> None:
        pass

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        for _ in range(self.count):
            yield AudioChunk(np.zeros(320, np.float32), SPEECH_RATE)
        if self.hangs:
            await asyncio.Event().wait()

    async def close(self) -> None:
        await asyncio.sleep(self.closing_seconds)
        self.closed += 1


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
