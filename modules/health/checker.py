"""Looks at all parts: at once, on demand and from time to time, whatever hangs; and tells what has changed."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from modules.health.base import Check, Finding, Status
from modules.health.report import Entry, HealthReport, Transition
from utils.aio import cancel
from utils.errors import ArvisError

log = logging.getLogger(__name__)

GRACE_SECONDS = 0.3
"""How much longer than one check all of them together may take."""
OVERTAKE_SECONDS = 0.5
"""A check that takes longer no longer keeps the next one of its lane waiting."""
JITTER = 0.1
"""Part of an interval by which it is longer or shorter at random, so that the looks fall in with nothing else."""
RECHECKS = 10
"""A part that does not work, or not well, is looked at so many times in an interval; the others once."""
_BUSY = Finding(Status.UNKNOWN, "A turn is under way.", "Ask again when Arvis has answered.")
_UNSEEN = Finding(Status.UNKNOWN, "It was not looked at yet.")

OnChange = Callable[[Transition], None]
"""Called on the event loop; must return at once."""


@dataclass(slots=True)
class _Running:
    """A look under way."""

    task: asyncio.Task[Finding]
    since: float
    engine: str
    given_up: bool = False


class HealthChecker:
    """What is known of the parts of Arvis. The checks run on the event loop of whoever asks for them.

    A part that does not answer in time is UNHEALTHY, because whoever needs it would wait as well; as long as a look
    that was given up has not ended there is no other, so they do not pile up. `report`, `live` and `ready` may be
    called from any thread.

    Args:
        checks: The parts.
        timeout_seconds: How long one check may take; all together may take `GRACE_SECONDS` longer.
        is_idle: Whether no turn is under way.
        clock: Monotonic seconds.
        chance: Gives a random number, 0 to 1.
        on_found: Told what each look finds, also where nothing has changed.
    """

    def __init__(
        self,
        checks: Iterable[Check],
        *,
        timeout_seconds: float = 2.5,
        is_idle: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        on_found: Callable[[str, Finding], None] = lambda name, found: None,
    ) -> None:
        self._checks = {check.name: check for check in checks}
        self._timeout = timeout_seconds
        self._is_idle = is_idle
        self._clock = clock
        self._chance = chance
        self._on_found = on_found
        self._running: dict[str, _Running] = {}
        self._subscribers: list[OnChange] = []
        self._report = HealthReport({name: Entry(check, _UNSEEN) for name, check in self._checks.items()})
        self.given_up: set[str] = set()
        """Names of the checks that did not answer in time; a native call may still keep its thread."""
        self._due: float | None = None
        """When the loop must have come back to the periodic looks; None while there are none."""

    def subscribe(self, on_change: OnChange) -> Callable[[], None]:
        """Tell `on_change` of every change from now on, until the function that this returns is called."""
        self._subscribers.append(on_change)
        return lambda: self._subscribers.remove(on_change)

    def report(self) -> HealthReport:
        """What is known now."""
        return self._report

    def live(self) -> tuple[bool, dict[str, Any]]:
        """Whether the event loop is still at work, as far as the periodic looks can tell, and that as JSON."""
        due = self._due
        late = 0.0 if due is None else max(0.0, self._clock() - due)
        return not late, {"status": "stuck" if late else "live", "late_seconds": round(late, 1)}

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether Arvis can answer, and the status of every part as JSON; the reasons may name folders, so not they."""
        report = self._report
        return report.ready, {"status": str(report.overall), "checks": report.statuses()}

    async def check(self, *names: str, max_age: float = 0.0) -> HealthReport:
        """Look at these parts, or at all, at once; returns in time whatever hangs.

        Args:
            names: Of the checks; none for all.
            max_age: Seconds for which what is known is still good enough.
        """
        until = self._clock() + self._timeout + GRACE_SECONDS
        lanes: defaultdict[str, list[Check]] = defaultdict(list)
        for name in names or self._checks:
            if not self._is_fresh(name, max_age):
                check = self._checks[name]
                lanes[check.lane or f"alone: {name}"].append(check)
        await asyncio.gather(*(self._walk(lane, until) for lane in lanes.values()))
        return self._report

    async def run(self, interval_seconds: float) -> NoReturn:
        """Look at all parts now and then every `interval_seconds`, and oftener at what is not well; never returns.

        Args:
            interval_seconds: 0 to look only once.
        """
        await self.check()
        while not interval_seconds:
            await asyncio.Event().wait()
        part = 0
        try:
            while True:
                pause = interval_seconds / RECHECKS * (1 - JITTER + 2 * JITTER * self._chance())
                self._due = self._clock() + pause + self._timeout + 2 * GRACE_SECONDS
                await asyncio.sleep(pause)
                part = (part + 1) % RECHECKS
                wanted = self._report.named(Status.DEGRADED, Status.UNHEALTHY) if part else tuple(self._checks)
                if wanted:
                    await self.check(*wanted)
        finally:
            self._due = None

    def give_way(self) -> None:
        """A turn begins: end the looks for which it would have to wait; what is known of their parts stays."""
        for name, running in self._running.items():
            if self._checks[name].needs_idle and not running.given_up:
                running.task.cancel()

    async def close(self) -> None:
        """End the looks under way, but wait for none that hangs."""
        tasks = [running.task for running in self._running.values()]
        if tasks:
            closing = asyncio.ensure_future(cancel(*tasks))
            await asyncio.wait({closing}, timeout=GRACE_SECONDS)

    def _is_fresh(self, name: str, max_age: float) -> bool:
        seen = self._report.entries[name].seen
        return seen is not None and self._clock() - seen < max_age

    async def _walk(self, lane: list[Check], until: float) -> None:
        """One check after the other, but none waits long for one that hangs."""
        looks: list[asyncio.Task[None]] = []
        for check in lane:
            looks.append(asyncio.create_task(self._look(check, until)))
            await asyncio.wait({looks[-1]}, timeout=OVERTAKE_SECONDS if check is not lane[-1] else None)
        await asyncio.gather(*looks)

    async def _look(self, check: Check, until: float) -> None:
        if check.needs_idle and not self._is_idle():
            self._leave(check)
            return
        running = self._running.get(check.name)
        if running is None or (running.given_up and running.engine != check.engine()):
            running = self._begin(check)
        elif running.given_up:
            self._record(check, _hung(self._clock() - running.since, running.engine))
            return
        seconds = max(0.0, min(self._timeout, until - self._clock()))
        await asyncio.wait({running.task}, timeout=seconds)
        if not running.task.done():
            running.given_up = True
            self.given_up.add(check.name)
            running.task.cancel()
            self._record(check, _hung(seconds, running.engine))
        elif running.task.cancelled():
            self._leave(check)
        else:
            self._record(check, running.task.result())

    def _begin(self, check: Check) -> _Running:
        running = _Running(asyncio.create_task(_outcome(check)), self._clock(), check.engine())
        self._running[check.name] = running

        def ended(_: object) -> None:
            if self._running.get(check.name) is running:
                del self._running[check.name]

        running.task.add_done_callback(ended)
        return running

    def _leave(self, check: Check) -> None:
        """It gives way to a turn: what is known of it stays."""
        if self._report.entries[check.name].seen is None:
            self._store(Entry(check, _BUSY))

    def _store(self, entry: Entry) -> None:
        # A new one each time, so that other threads never see half of a change.
        self._report = HealthReport({**self._report.entries, entry.check.name: entry})

    def _record(self, check: Check, found: Finding) -> None:
        old = self._report.entries[check.name].finding
        self._store(Entry(check, found, self._clock()))
        self._on_found(check.name, found)
        if old.status is not found.status:
            self._tell(
                Transition(check.name, check.title, old.status, found.status, found.reason, found.remedy, found.engine)
            )

    def _tell(self, change: Transition) -> None:
        log.info("%s: %s, was %s", change.name, change.new, change.old)
        for on_change in tuple(self._subscribers):
            try:
                on_change(change)
            except Exception:  # whoever cannot take it must not keep it from the others
                log.exception("telling that %s is %s", change.name, change.new)


async def _outcome(check: Check) -> Finding:
    try:
        return await check.look()
    except ArvisError as error:
        return Finding(Status.UNHEALTHY, error.message, engine=check.engine())
    except Exception as error:  # a native library may raise anything; the other checks go on
        log.exception("check of %s", check.name)
        reason = f"It broke down ({type(error).__name__})."
        return Finding(Status.UNHEALTHY, reason, "The log has the details.", engine=check.engine())


def _hung(seconds: float, engine: str) -> Finding:
    return Finding(
        Status.UNHEALTHY,
        f"It did not answer within {seconds:.1f} seconds.",
        "Try again when the machine is less busy; if that does not help, start Arvis again.",
        engine=engine,
    )
