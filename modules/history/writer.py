"""Writes the history of a session: takes what the session tells, and stores it on a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from modules.history.base import EngineCall, Keeper, Resumed, SoundKind
from modules.history.drafts import Drafts, Moment, Sound
from modules.history.saver import Limits, Pace, Saver
from modules.history.sounds import wav_bytes
from modules.turn.events import (
    EngineFailed,
    Notice,
    PhaseChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    SessionEvent,
    TurnMeasured,
    UserText,
    UtteranceDropped,
)
from utils.errors import ArvisError

if TYPE_CHECKING:
    from modules.audio.base import AudioChunk

log = logging.getLogger(__name__)

MOST_PIECES = 20_000
"""Events that wait for a disk that does not answer, from which on pieces of answers are left out: they come again
with the whole answer."""
MOST_EVENTS = 200_000
"""Events that wait, from which on all others are left out, too."""
MOST_SOUND = 64_000_000
"""Bytes of recordings that wait, from which on further ones are left out."""

_QUIET = frozenset({PhaseChanged, ReplyText, ReplyDropped})
"""What is stored with what comes after it, or with the next batch."""
_LOUD = frozenset({ReplyEnded, TurnMeasured, UtteranceDropped, EngineFailed})
"""What is stored at once."""

_Item = SessionEvent | EngineCall | Sound | threading.Event


class HistoryWriter:
    """A listener of a session. All methods may be called from the thread of the session: none waits, but for `close`.

    What is told before the store is open, or while it cannot be written, is kept in memory and stored as soon as it
    can be.

    Args:
        open_store: Opens what is written to; called on the thread.
        complain: Told why nothing is stored, once until it is again; called on the thread.
        language: The language that is spoken, as an ISO 639-1 code; empty when unknown. Called on the thread.
        limits: How much is kept.
        resume_seconds: How old the last turn may be of a session that is gone on with; 0 to begin a new one always.
        on_resumed: Told once, on the thread, what is gone on with; None for nothing.
        pace: How often things are done.
        clock: Monotonic seconds.
        wall: Unix seconds.
    """

    def __init__(
        self,
        open_store: Callable[[], Keeper],
        complain: Callable[[ArvisError], object],
        *,
        language: Callable[[], str] = str,
        limits: Limits | None = None,
        resume_seconds: float = 0.0,
        on_resumed: Callable[[Resumed | None], object] = lambda _: None,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._complain = complain
        self.limits = limits or Limits()
        """How much is kept; may be changed at any time."""
        self._drafts = Drafts(language)
        self._saver = Saver(
            open_store, self._drafts, complain, self.limits, on_resumed, resume_seconds, pace or Pace(), wall
        )
        self._items: deque[tuple[_Item, int | None, float, float]] = deque()
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._closing = False
        self._flushing: list[threading.Event] = []
        self._sound_given = 0
        self._sound_taken = 0
        self._lost = 0
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)

    def start(self) -> None:
        """Begin to store; what was told before is stored, too."""
        self._thread.start()

    def __call__(self, event: SessionEvent) -> None:
        """Take an event; most are passed over."""
        kind = type(event)
        if kind in _QUIET:
            if kind is ReplyText and len(self._items) >= MOST_PIECES:
                return
            self._put(event, ring=False)
        elif kind in _LOUD:
            self._put(event)
        elif isinstance(event, UserText):
            if event.final:
                self._put(event)
        elif isinstance(event, Notice) and event.severity != "info":
            self._put(event)

    def called(self, call: EngineCall, turn_id: int | None = None) -> None:
        """An engine was run for a turn; None for the present one. It is stored with what comes next."""
        self._put(call, turn_id, ring=False)

    def keep_sound(self, turn_id: int, kind: SoundKind, chunk: AudioChunk) -> None:
        """Keep a recording of a turn."""
        size = chunk.samples.nbytes
        if self._sound_given - self._sound_taken + size > MOST_SOUND:
            log.warning("a recording of %.1f seconds is left out, as others wait to be stored", chunk.seconds)
            return

        def wav() -> bytes:
            self._sound_taken += size
            return wav_bytes(chunk)

        self._sound_given += size
        self._put(Sound(kind, chunk.seconds, wav), turn_id)

    def flush(self, seconds: float = 2.0) -> bool:
        """Wait until everything is stored that was told so far, for so long at most; whether it is.

        Not for the thread of the session.
        """
        done = threading.Event()
        self._put(done)
        return done.wait(seconds)

    def close(self, seconds: float = 2.0) -> bool:
        """Store what there is and end; False when the disk took longer than so many seconds."""
        self._closing = True
        self._bell.put(None)
        if not self._thread.is_alive():
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _put(self, item: _Item, turn_id: int | None = None, *, ring: bool = True) -> None:
        if self._closing or self._saver.is_off:
            return
        if len(self._items) >= MOST_EVENTS:
            self._lost += 1
            return
        self._items.append((item, turn_id, self._clock(), self._wall()))
        if ring:
            self._bell.put(None)

    # --- on the thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            wait = self._saver.step(self._clock())
            while not self._closing:
                self._sleep(wait)
                wait = self._take_and_store()
            self._take_and_store(last=True)
        except Exception as error:  # noqa: BLE001  # a mistake of ours; its traceback might quote somebody
            log.error("the history is not stored any more: %s", type(error).__name__)
            self._saver.is_off = True
            self._complain(ArvisError("unexpected", "The history is not stored any more. Start Arvis again."))

    def _sleep(self, seconds: float | None) -> None:
        try:
            self._bell.get(timeout=seconds)
            while True:
                self._bell.get_nowait()
        except queue.Empty:
            pass

    def _take_and_store(self, *, last: bool = False) -> float | None:
        while self._items:
            item, turn_id, monotonic, unix = self._items.popleft()
            match item:
                case EngineCall():
                    self._drafts.call(turn_id, item)
                case Sound():
                    self._drafts.sound(turn_id or 0, item)
                case threading.Event():
                    self._flushing.append(item)
                case _:
                    self._drafts.take(item, Moment(monotonic, unix))
        if self._lost:
            log.warning("%d events are not in the history, as the disk did not answer", self._lost)
            self._lost = 0
        due = self._saver.step(self._clock(), last=last)
        if self._saver.is_done:
            for done in self._flushing:
                done.set()
            self._flushing.clear()
        return due
