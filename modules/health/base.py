"""What a check finds out, and how checks are run."""

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
    """It does not work, or not well, but Arvis is of use without it."""
    UNHEALTHY = "UNHEALTHY"
    """It does not work, and Arvis is of no use without it."""
    UNKNOWN = "UNKNOWN"
    """It could not be found out."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found out."""

    name: str
    """The part that was checked, in words."""
    status: Status
    summary: str
    """What is the case, in one sentence."""
    advice: str = ""
    """What to do about it; empty where nothing needs to be done."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What was measured; the name of each ends in its unit."""


_GRAVITY = (Status.HEALTHY, Status.UNKNOWN, Status.DEGRADED, Status.UNHEALTHY)


def worst(results: Iterable[CheckResult]) -> Status:
    """The gravest status of all; HEALTHY when there is none."""
    return max((result.status for result in results), key=_GRAVITY.index, default=Status.HEALTHY)


async def limited(name: str, check: Awaitable[CheckResult], seconds: float) -> CheckResult:
    """Wait for a check, but no longer than `seconds`; one that takes longer is UNKNOWN."""
    try:
        return await asyncio.wait_for(check, seconds)
    except TimeoutError:
        return CheckResult(
            name, Status.UNKNOWN, f"No answer within {seconds:g} seconds.", "Try again when the machine is less busy."
        )


async def in_thread(check: Callable[[], CheckResult]) -> CheckResult:
    """Run a blocking check in a thread that nobody has to wait for, not even the end of the program."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[CheckResult] = loop.create_future()

    def deliver(result: CheckResult | BaseException) -> None:
        if done.done():  # it was given up
            return
        if isinstance(result, BaseException):
            done.set_exception(result)
        else:
            done.set_result(result)

    def work() -> None:
        try:
            result: CheckResult | BaseException = check()
        except Exception as error:  # noqa: BLE001  # it is raised again where the check is awaited
            result = error
        call_on(loop, deliver, result)

    threading.Thread(target=work, name="health", daemon=True).start()
    return await done
