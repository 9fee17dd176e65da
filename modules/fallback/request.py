"""One thing that is asked of a stage, from whichever of its engines can give it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from modules.engine import Engine, ProgressCallback
from modules.fallback.breaker import BreakerState
from modules.fallback.deadline import DeadlineError, Pull, within
from modules.fallback.events import Moment
from modules.fallback.link import LOAD_SECONDS, Link
from utils.errors import ArvisError

if TYPE_CHECKING:
    from modules.fallback.chain import EngineChain

E = TypeVar("E", bound=Engine)
T = TypeVar("T")


class Failed(Exception):
    """The engine that was asked failed, which has been noted; ask the next one."""


class Request(Generic[E]):
    """Asks one engine after the other.

    Args:
        chain: Has the engines.
        suits: Whether an engine other than the present one can be asked for this at all.
    """

    def __init__(self, chain: EngineChain[E], suits: Callable[[E], bool]) -> None:
        self._chain = chain
        self._suits = suits
        self._tried: set[int] = set()
        self._errors: list[ArvisError] = []
        self._link: Link[E] | None = None
        self._out: tuple[Link[E], Moment] | None = None
        self._moment = Moment.LOAD
        self._since = chain.clock()

    @property
    def link(self) -> Link[E]:
        """The engine that is being asked."""
        assert self._link is not None, "no engine was asked for"
        return self._link

    async def engine(self, progress: ProgressCallback | None = None) -> E:
        """The engine to ask now, loaded: each call gives another one.

        Raises:
            ArvisError: None is left. With a single engine it is that engine's error.
        """
        while True:
            link = self._chain.pick(self._tried, self._suits)
            if link is None:
                raise self._chain.exhausted(self._errors)
            if link is not self._chain.current and self._chain.current.is_stuck:
                self._pass_over(self._chain.current)
            self._link, self._moment = link, Moment.LOAD
            try:
                await link.load(progress)
            except DeadlineError:
                self.timed_out(LOAD_SECONDS)
            except Exception as error:  # noqa: BLE001  # native libraries raise anything; the next engine may do better
                self.failed(self._chain.explained(link, error), at_once=True)
            else:
                self._begin(link)
                return link.engine

    def alternative(self) -> bool:
        """Whether another engine is left that could be asked."""
        return self._chain.pick(set(self._tried), self._suits) is not None

    async def result(self, call: Coroutine[Any, Any, T], seconds: float) -> T:
        """What the engine answers within so many seconds.

        Raises:
            Failed: It failed, or answered nothing in time.
            ArvisError: The caller made a mistake.
        """
        try:
            return await within(seconds, call, self.link.leave_behind)
        except DeadlineError as error:
            self.timed_out(seconds)
            raise Failed from error
        except Exception as error:  # as above
            raise self._blamed(error) from error

    async def pieces(
        self, stream: AsyncGenerator[T, None], seconds: float, later: float | None = None
    ) -> AsyncGenerator[T, None]:
        """Yield what the engine gives, each piece within so many seconds after it was asked for.

        Args:
            stream: What it gives.
            seconds: How long the first piece may take.
            later: How long each of the others may; None for as long.

        Raises:
            Failed: It failed, or gave nothing in time.
            ArvisError: The caller made a mistake.
        """
        pull = Pull(stream, self.link.leave_behind)
        try:
            while (piece := await self._next(pull, seconds)) is not None:
                yield piece
                seconds = later if later is not None else seconds
        finally:
            await pull.close()

    def gave(self) -> None:
        """A part of the result was passed on to the caller."""
        self._moment = Moment.MIDDLE
        self._since = self._chain.clock()

    def worked(self) -> None:
        """The engine did what it was asked for."""
        self._chain.worked(self.link)

    def failed(self, error: ArvisError, *, at_once: bool = False) -> None:
        """The engine failed.

        Args:
            error: How.
            at_once: Whether it is left alone from now on, rather than after several failures.
        """
        link = self.link
        link.error = error
        link.breaker.fail(at_once=at_once)
        self._errors.append(error)
        self._out = self._out or (link, self._moment)
        if error.code == "out-of-memory":
            self._chain.keeper.free(link)

    def timed_out(self, seconds: float) -> None:
        """The engine gave nothing in time."""
        name = self.link.engine.name
        message = f"{name} gave no result within {seconds:.0f} seconds. It is tried again later by itself."
        self.link.hung = True
        self.failed(self._chain.stage.error("deadline", message, retryable=True), at_once=True)

    def doubted(self, error: ArvisError) -> None:
        """The engine gave nothing, which may be right."""
        link = self.link
        self._chain.doubt(link, error)
        self._errors.append(error)
        if not link.is_closed:
            self._out = self._out or (link, self._moment)

    async def _next(self, pull: Pull[T], seconds: float) -> T | None:
        try:
            return await pull.next(seconds)
        except DeadlineError as error:
            self.timed_out(seconds)
            raise Failed from error
        except Exception as error:  # as above
            raise self._blamed(error) from error

    def _blamed(self, error: Exception) -> Exception:
        """What to raise for an error: itself when the caller is to blame."""
        if isinstance(error, ArvisError) and error.code in self._chain.stage.callers:
            return error
        self.failed(self._chain.explained(self.link, error))
        return Failed()

    def _pass_over(self, link: Link[E]) -> None:
        """An engine is not free although a call to it was given up long ago."""
        if link.breaker.state is not BreakerState.CLOSED:
            return
        message = f"{link.engine.name} does not come back from what it was asked last."
        link.hung = True
        link.error = self._chain.stage.error("stuck", message, retryable=True)
        link.breaker.fail(at_once=True)
        self._out = self._out or (link, Moment.FIRST_RESULT)

    def _begin(self, link: Link[E]) -> None:
        """The engine is about to be asked; if it is in place of one that failed, that has cost time."""
        now = self._chain.clock()
        if self._out is not None:
            failed, moment = self._out
            self._chain.took_over(failed, link, moment, now - self._since)
        self._out = None
        self._moment = Moment.FIRST_RESULT
