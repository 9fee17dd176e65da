"""The session of the running application, with everything that watches over it. Knows nothing of Qt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any, Literal

from arvis.app import build_parts, session_settings
from arvis.archive import open_archive
from arvis.engines import EngineHooks, notice_of
from arvis.figures import Figures
from arvis.monitoring import build_health
from arvis.services import Services
from config.watcher import SettingsWatcher
from modules.audio.base import AudioOutput, AudioSource
from modules.fallback.chain import EngineChain
from modules.fallback.events import SwitchEvent
from modules.health.base import Status
from modules.health.report import Transition
from modules.health.session import SessionWatch
from modules.history.base import Resumed
from modules.notifications.base import Delivery
from modules.notifications.records import Chimes
from modules.notifications.spoken import SpokenNotices
from modules.notifications.words import log_event_words
from modules.security.events import Event
from modules.turn.events import Notice, PhaseChanged, SessionEvent
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.state import Phase
from utils.aio import call_on, cancel
from utils.errors import ArvisError

log = logging.getLogger(__name__)


_PROBE = "Hello."
"""What the health check asks the model, behind the conversation so far: the next turn finds that still read."""
_TOLD_ANYWAY = frozenset({"hotkey", "settings"})
"""Checks whose findings the user hears of from the part itself."""
_STAGES = frozenset({"stt", "llm", "tts"})
Publish = Callable[[object], None]
"""Told everything that happens, on the event loop: what a session tells, each `config.watcher.Change`, and a
`modules.history.base.Resumed` when an earlier conversation is gone on with."""


class Assistant(TurnSession):
    """A session that measures itself, looks after its engines' health, and follows the settings file.

    Args:
        services: What it shares with the window.
        source: The microphone.
        output: The speaker.
        ears: What it takes to leave the microphone open.
        publish: Told everything that happens.
    """

    def __init__(
        self, services: Services, source: AudioSource, output: AudioOutput, ears: EarParts, publish: Publish
    ) -> None:
        settings = services.settings
        self._loop = asyncio.get_running_loop()
        self._services = services
        self._publish = publish
        self._watch = SessionWatch()
        self._figures = Figures(services, self._complain)
        self._history = open_archive(settings, self._complain_from_thread, self._on_resumed)
        self._spoken = SpokenNotices(lambda text, urgent: self.announce(text, urgent=urgent))
        self._chimes = Chimes(self.play)
        self._chains: dict[str, EngineChain[Any]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        hooks = EngineHooks(
            on_switch=self._on_switch,
            is_idle=lambda: self.is_idle,
            collector=services.collector if settings.metrics.enabled else None,
            complain=self._complain_from_thread,
            ask=services.ask,
            chains=self._chains,
            caches=self._figures.caches,
        )
        parts = build_parts(settings, source, output, ears, hooks)
        super().__init__(parts, session_settings(settings), self._tell)
        self._health = build_health(
            settings,
            parts,
            self._watch,
            problems=lambda: [str(problem) for problem in services.loaded.problems],
            prompt=lambda: self._prompts.prompt(_PROBE),
            mark=self._mark,
            hotkey=lambda: services.hotkey,
        )
        self._health.subscribe(self.on_health)
        self._unwatch = services.notifications.watch(lambda change: self._spoken.drop(change.acknowledged))

    async def load(self, *, listen: bool = True) -> None:
        """Load and warm the engines, then begin to watch."""
        if self._history is not None:
            self._history.start()
        self._keep_up(self._follow_settings(), "following the settings")
        # Together: the keyring may have to ask the user for the token, and nobody should wait for that to talk.
        await asyncio.gather(self._figures.open(self._health.live, self._health.ready), super().load(listen=listen))
        self._keep_up(self._health.run(self._services.settings.health.interval_seconds), "looking after the health")

    async def close(self) -> None:
        """End the watching, then free devices and engines."""
        self._unwatch()
        await cancel(*self._tasks)
        await self._health.close()
        await super().close()
        if self._history is not None:
            await asyncio.to_thread(self._history.close)
        await self._figures.close()

    # --- notifications that are heard ---------------------------------------------------------------------------

    def speak_notice(self, delivery: Delivery) -> None:
        """Say a notification as soon as nothing else is going on."""
        self._spoken(delivery)

    def chime(self, delivery: Delivery) -> None:
        """Give a short sound for a notification, unless something is going on."""
        if self.is_idle:
            self._chimes(delivery)

    # --- what happens -------------------------------------------------------------------------------------------

    def _tell(self, event: SessionEvent) -> None:
        self._watch(event)
        self._figures.take(event)
        log_event_words(event)
        if self._history is not None:
            self._history(event)
        self._publish(event)
        if isinstance(event, PhaseChanged):
            # Later: the turn machine is in the middle of a step.
            asyncio.get_running_loop().call_soon(self._on_phase)

    def _on_phase(self) -> None:
        if self.is_idle:
            for chain in self._chains.values():
                chain.settle()
        # Also while something is announced: what is told now is announced after it.
        self._spoken.set_idle(self.state.phase is Phase.IDLE)

    def _on_switch(self, event: SwitchEvent) -> None:
        self._figures.switched(event)
        self._services.record(
            Event.ENGINE_SWITCHED,
            stage=event.stage,
            failed=event.failed,
            successor=event.successor,
            code=event.error.code if event.error is not None else "back",
        )
        if event.first:
            self._tell(notice_of(event))

    def _complain(self, error: ArvisError) -> None:
        self._tell(Notice("warning", error.code, error.message))

    def _on_resumed(self, resumed: Resumed | None) -> None:
        if resumed is not None:
            call_on(self._loop, self._go_on, resumed)

    def _go_on(self, resumed: Resumed) -> None:
        self.resume(resumed.conversation)
        self._publish(resumed)

    def _complain_from_thread(self, error: ArvisError) -> None:
        call_on(self._loop, self._complain, error)

    def _mark(self, stage: str, name: str, status: str, reason: str) -> None:
        if stage in self._chains:
            self._chains[stage].mark(name, status, reason)

    def on_health(self, change: Transition) -> None:
        """Write down that a check finds something else than before, and tell the user where that matters."""
        self._figures.health(change)
        self._services.record(Event.HEALTH_CHANGED, check=change.name, before=change.old.value, after=change.new.value)
        if not _is_told_anyway(change) and (change.is_failure or change.is_recovery):
            self._tell(_notice_of(change))

    # --- settings -----------------------------------------------------------------------------------------------

    @property
    def follows_settings(self) -> bool:
        """Whether a change of the settings file counts at once."""
        return self._services.settings.flags.live_reload

    def _keep_up(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_report)
        self._tasks.append(task)

    async def _follow_settings(self) -> None:
        if not self.follows_settings:
            return
        async with aclosing(SettingsWatcher(self._services.loaded).changes()) as changes:
            async for change in changes:
                self._services.configure(change.new)
                self.apply(session_settings(change.new.settings))
                for path in sorted(change.paths):
                    self._services.record(Event.SETTING_CHANGED, setting=path)
                self._publish(change)


def _report(task: asyncio.Task[None]) -> None:
    """Have it known when something ends that should not; whoever awaits it at the end looks at no error."""
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler({"message": f"{task.get_name()} has ended", "exception": error})


def _is_told_anyway(change: Transition) -> bool:
    """Whether the user hears of it from the part itself: an engine that fails tells so, as does what stands in."""
    broken = Status.UNHEALTHY in (change.old, change.new)
    return change.name in _TOLD_ANYWAY or (change.name in _STAGES and broken)


def _notice_of(change: Transition) -> Notice:
    if change.is_recovery:
        return Notice("info", f"{change.name}-recovered", f"{change.title}: works again.", quotes=False)
    severity: Literal["warning", "error"] = "error" if change.new is Status.UNHEALTHY else "warning"
    text = f"{change.title}: {change.reason}" + (f" {change.remedy}" if change.remedy else "")
    return Notice(severity, f"{change.name}-{change.new.value.lower()}", text, quotes=False)
