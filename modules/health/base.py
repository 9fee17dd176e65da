"""What a check is, and what it finds out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from utils.aio import call_on
from utils.errors import ArvisError


class HealthError(ArvisError):
    """Something runs but does not do what it should."""

    stage = "health"


class Status(StrEnum):
    """How well a part works."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    """It works, but not well, not in full, or something else stands in for it."""
    UNHEALTHY = "UNHEALTHY"
    """It does not work, or does not answer."""
    UNKNOWN = "UNKNOWN"
    """It was not looked at yet, or it could not be found out."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found out."""

    status: Status
    reason: str
    """What is the case, in one sentence."""
    remedy: str = ""
    """What to do about it; empty where nothing needs to be done."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What was measured; the name of each ends in its unit."""
    engine: str = ""
    """Name of the engine that was tried, where the check is one of an engine."""


Look = Callable[[], Awaitable[Finding]]
"""Finds out how a part does; what it raises means that the part does not work."""


@dataclass(frozen=True, slots=True)
class Check:
    """One part, and how to look at it."""

    name: str
    """Short and stable, for programs, for example "audio-in"."""
    title: str
    """The part in words, for people."""
    look: Look
    essential: bool = False
    """Whether Arvis is of no use without it."""
    lane: str = ""
    """Checks with the same lane run one after the other, because together each would take longer; empty for alone."""
    needs_idle: bool = False
    """Whether a turn would have to wait for it, so that it is left for later while one is under way."""
    engine: Callable[[], str] = str
    """Name of the engine that would be tried now; when one hangs, another one may have taken its place meanwhile."""


_GRAVITY = (Status.HEALTHY, Status.UNKNOWN, Status.DEGRADED, Status.UNHEALTHY)


def worst(statuses: Iterable[Status]) -> Status:
    """The gravest of all; HEALTHY when there is none."""
    return max(statuses, key=_GRAVITY.index, default=Status.HEALTHY)


async def in_thread(look: Callable[[], Finding]) -> Finding:
    """Run a blocking look in a thread that nobody has to wait for, not even the end of the program."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Finding] = loop.create_future()

    def deliver(found: Finding | BaseException) -> None:
        if done.done():  # it was given up
            return
        if isinstance(found, BaseException):
            done.set_exception(found)
        else:
            done.set_result(found)

    def work() -> None:
        try:
            found: Finding | BaseException = look()
        except Exception as error:  # noqa: BLE001  # it is raised again where the look is awaited
            found = error
        call_on(loop, deliver, found)

    threading.Thread(target=work, name="health", daemon=True).start()
    return await done
