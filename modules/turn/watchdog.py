"""Ends what gets no further, so that whatever hangs, the next turn can be taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from modules.turn.inputs import Event, OverlapDismissed, TurnFailed
from modules.turn.state import Overlap, Phase, State

LIMITS: dict[Phase, float] = {
    Phase.LISTENING: 6.0,
    Phase.SPECULATIVE: 15.0,
    Phase.COMMITTED: 60.0,
    Phase.SPEAKING: 15.0,
}
"""Seconds without progress that a phase may last.

LISTENING progresses with every chunk of sound, so its limit is that of a microphone that does not open. SPECULATIVE
bears an engine that hangs with the transcript, until another one has made it. COMMITTED
waits for engines that load and for servers far away, which report later than this by themselves if at all. SPEAKING
progresses as long as more of the reply is heard.
"""

PAUSED_LIMIT = 3.0
"""Seconds that a reply may be held while it is judged whether the user means to interrupt it; it then goes on."""

LOOK_SECONDS = 1.0
"""Time from one look at the playback to the next; a limit may be exceeded by as much."""

MESSAGES: dict[Phase, str] = {
    Phase.LISTENING: "The microphone gives no sound, so I stopped listening. "
    "Check that it is plugged in and try again.",
    Phase.SPECULATIVE: "Understanding your words took too long, so I gave up on them. Please say it again.",
    Phase.COMMITTED: "The answer took too long, so I gave up on it. Please ask again; if it happens again, "
    "`arvis doctor` finds out what is slow.",
    Phase.SPEAKING: "The answer got stuck, so I stopped it. Please ask again; if it happens again, check the speaker.",
}


class Watchdog:
    """Watches one state at a time.

    Args:
        clock: Monotonic seconds.
        on_stuck: Called with the event that ends the state.
        heard: Seconds of the present playback that were heard; more of them are progress.
    """

    def __init__(
        self, clock: Callable[[], float], on_stuck: Callable[[Event], None], heard: Callable[[], float]
    ) -> None:
        self._clock = clock
        self._heard = heard
        self._heard_before = 0.0
        self._on_stuck = on_stuck
        self._timer: asyncio.TimerHandle | None = None
        self._state = State()
        self._since = 0.0

    def watch(self, state: State) -> None:
        """A state was entered: time starts anew."""
        self._state = state
        self._since = self._clock()
        self._heard_before = self._heard()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if state.phase is not Phase.IDLE:
            self._wait(self._limit)

    def progress(self) -> None:
        """The state gets on; but no progress of a reply that is held says whether it is to be held."""
        if self._state.overlap is not Overlap.PAUSED:
            self._since = self._clock()

    @property
    def _limit(self) -> float:
        return PAUSED_LIMIT if self._state.overlap is Overlap.PAUSED else LIMITS[self._state.phase]

    def _wait(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(min(seconds, LOOK_SECONDS), self._look)

    def _look(self) -> None:
        # Progress is frequent and a timer is not free, so it is not looked at any sooner.
        if (heard := self._heard()) != self._heard_before:
            self._heard_before = heard
            self.progress()
        left = self._since + self._limit - self._clock()
        if left > 1e-6:
            self._wait(left)
            return
        self._timer = None
        state = self._state
        if state.overlap is Overlap.PAUSED:
            self._on_stuck(OverlapDismissed(state.turn_id, state.revision))
        else:
            code = f"stuck-{state.phase}"
            self._on_stuck(TurnFailed(state.turn_id, state.revision, code, MESSAGES[state.phase]))
