"""Decides what of the drafts is stored when, and what happens when it cannot be. Has no thread and no clock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from modules.history.base import ConflictError, FailureNote, Keeper, Resumed, Selection, SessionRecord, new_session
from modules.history.drafts import Draft, Drafts
from utils.errors import ArvisError

log = logging.getLogger(__name__)

BATCH = 100
"""Turns in one transaction."""
MOST_WAITING = 10_000
"""Turns that wait in memory for a disk that does not take them; the oldest give way."""
MOST_CONFLICTS = 3
_HOPELESS = frozenset({"damaged", "refused"})
"""Failures that concern every record alike, and that no second attempt mends."""
_PASSING = frozenset({"busy", "unreachable"})
"""Failures that mostly pass before anybody need know."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are done, in seconds."""

    batch: float = 0.5
    """From one storing of an answer that is coming in to the next."""
    first_retry: float = 0.1
    """Until what has failed is tried again; each time twice as long."""
    longest_retry: float = 30.0
    patience: float = 5.0
    """How long storing may fail before the user is told, if it may pass by itself."""
    first_look: float = 60.0
    """From the beginning until what is too old is removed."""
    next_look: float = 24 * 3600.0
    """From one time to the next."""


@dataclass(slots=True)
class Limits:
    """How much is kept; may be changed at any time."""

    days: int = 0
    """0 for ever."""
    turns: int = 0
    """0 for all."""


class Saver:
    """Stores drafts. Used by one thread.

    Args:
        open_store: Opens what they are stored in; called with the first step, and again when that fails.
        drafts: What is to be stored.
        complain: Told once why nothing is stored, until it is again.
        limits: How much is kept.
        on_resumed: Told once, as soon as it is known, what is gone on with.
        resume_seconds: How old the last turn may be of a session that is gone on with; 0 to begin a new one always.
        pace: How often things are done.
        wall: Unix seconds.
    """

    def __init__(
        self,
        open_store: Callable[[], Keeper],
        drafts: Drafts,
        complain: Callable[[ArvisError], object],
        limits: Limits,
        on_resumed: Callable[[Resumed | None], object],
        resume_seconds: float,
        pace: Pace,
        wall: Callable[[], float],
    ) -> None:
        self._open_store = open_store
        self._drafts = drafts
        self._complain = complain
        self._limits = limits
        self._on_resumed = on_resumed
        self._resume_seconds = resume_seconds
        self._pace = pace
        self._wall = wall
        self._store: Keeper | None = None
        self._session = new_session(wall())
        self._base = 0
        self._resumed: Resumed | None = None
        self._begun = False
        """Whether the session is stored."""
        self._failing_since: float | None = None
        self._told = False
        self._delay = pace.first_retry
        self._next_try = float("-inf")
        self._next_look: float | None = None
        self.is_off = False
        """Whether nothing is stored any more, because no attempt could succeed."""

    @property
    def session(self) -> SessionRecord:
        """The session that turns are stored in."""
        return self._session

    def step(self, now: float, *, last: bool = False) -> float | None:
        """Store what there is, unless it was tried in vain a moment ago.

        Args:
            now: Monotonic seconds.
            last: Whether this is the end: it is tried in any case, and the store is closed.

        Returns:
            Seconds until the next step is due even if nothing happens; None when it is not.
        """
        if self.is_off:
            return None
        if now >= self._next_try or last:
            try:
                self._work(now)
            except ArvisError as error:
                self._trouble(error, now)
            else:
                self._recovered()
        lost = self._drafts.forget(MOST_WAITING)
        if lost:
            log.warning("%d turns are lost, as there was no room for more that are not stored", lost)
        if last:
            self._end()
        return self._due(now)

    @property
    def is_done(self) -> bool:
        """Whether everything is stored."""
        return self._failing_since is None and not self._drafts.wanted() and not self._drafts.dropped()

    # --- storing ------------------------------------------------------------------------------------------------

    def _work(self, now: float) -> None:
        store = self._store
        if store is None:
            store = self._store = self._opened()
            self._next_look = now + self._pace.first_look
        for draft in self._drafts.dropped():
            assert draft.stored is not None
            assert draft.stored.id is not None
            store.erase(Selection(turns=(draft.stored.id,)))
            draft.stored = None
        while wanted := self._drafts.wanted()[:BATCH]:
            self._save(store, wanted)
        if self._begun and self._drafts.failures:
            store.note(self._session.id, [self._numbered(failure) for failure in self._drafts.failures])
            self._drafts.failures.clear()
        self._look_after(store, now)

    def _opened(self) -> Keeper:
        store = self._open_store()
        if self._resume_seconds > 0:
            try:
                self._resumed = store.last_session(self._resume_seconds, self._wall())
            except ArvisError:
                store.close()
                raise
            self._resume_seconds = 0.0
        if self._resumed is not None and not self._begun:
            self._session, self._base = self._resumed.session, self._resumed.last_number
        self._on_resumed(self._resumed)
        self._on_resumed = _nobody
        return store

    def _save(self, store: Keeper, drafts: Sequence[Draft]) -> None:
        for _ in range(MOST_CONFLICTS):
            changed = [draft for draft in drafts if draft.changed and not draft.dropped]
            try:
                self._save_words(store, changed)
            except ConflictError:
                self._settle(store, changed)
            except ArvisError as error:
                if _may_pass(error) or error.code in _HOPELESS:
                    raise
                self._save_singly(store, changed, error)
                break
            else:
                break
        else:
            raise ConflictError("changed", "Another window of Arvis stores the same conversation.", retryable=True)
        self._save_sounds(store, drafts)

    def _save_words(self, store: Keeper, drafts: Sequence[Draft]) -> None:
        if not drafts:
            return
        records = [draft.record(self._session.id, self._base + draft.turn_id) for draft in drafts]
        if not self._begun and self._resumed is not None:
            store.end(self._session.id, None)
        saved = store.save(self._session, records)
        self._begun = True
        for draft, record in zip(drafts, records, strict=True):
            draft.changed = False
            draft.stored = saved.get(record.number)
            draft.dropped = draft.stored is None

    def _save_singly(self, store: Keeper, drafts: Sequence[Draft], error: ArvisError) -> None:
        """One of them cannot be stored: find out which, and do without it."""
        if len(drafts) == 1:
            log.warning("a turn cannot be stored: %s", error.code)
            drafts[0].dropped, drafts[0].stored = True, None
            return
        for draft in drafts:
            self._save(store, [draft])

    def _settle(self, store: Keeper, drafts: Sequence[Draft]) -> None:
        """Somebody else has stored one of them: build on what they have stored, or keep out of their session."""
        for draft in drafts:
            number = self._base + draft.turn_id if draft.stored is None else draft.stored.number
            session = self._session.id if draft.stored is None else draft.stored.session
            found = store.stored(session, number)
            if draft.stored is not None:
                draft.stored, draft.dropped = found, found is None
            elif found is not None and found.trace_id != draft.trace_id:
                self._session, self._base, self._resumed = new_session(draft.began.unix), 0, None
                return

    def _save_sounds(self, store: Keeper, drafts: Sequence[Draft]) -> None:
        for draft in drafts:
            while draft.sounds:
                sound = draft.sounds[0]
                try:
                    if draft.stored is not None and draft.stored.id is not None:
                        store.keep_sound(draft.stored.id, sound.kind, sound.wav(), sound.seconds)
                except ArvisError as error:
                    if _may_pass(error):
                        raise
                    log.warning("a recording cannot be stored: %s", error.code)
                draft.sounds.pop(0)

    # --- what is too old ----------------------------------------------------------------------------------------

    def _look_after(self, store: Keeper, now: float) -> None:
        if self._next_look is None or now < self._next_look or self._drafts.is_streaming:
            return
        self._next_look = now + self._pace.next_look
        try:
            count = store.retain(days=self._limits.days, turns=self._limits.turns, now=self._wall())
        except ArvisError as error:  # it has time until the next look
            log.warning("what is too old stays in the history for now: %s", error.code)
        else:
            log.info("%d old turns were removed from the history", count)

    # --- when it fails ------------------------------------------------------------------------------------------

    def _trouble(self, error: ArvisError, now: float) -> None:
        if self._failing_since is None:
            self._failing_since = now
            log.warning("the history is not stored at present: %s", error.code)
        self.is_off = not _may_pass(error)
        self._next_try = now + self._delay
        self._delay = min(2 * self._delay, self._pace.longest_retry)
        waited = now - self._failing_since >= self._pace.patience
        if not self._told and (self.is_off or waited or error.code not in _PASSING):
            self._told = True
            self._complain(error)
        if self.is_off:
            self._on_resumed(None)
            self._on_resumed = _nobody

    def _recovered(self) -> None:
        if self._failing_since is not None:
            log.info("the history is stored again")
        self._failing_since, self._told = None, False
        self._delay, self._next_try = self._pace.first_retry, float("-inf")

    def _due(self, now: float) -> float | None:
        if self.is_off:
            return None
        if self._failing_since is not None:
            return max(0.0, self._next_try - now)
        if self._drafts.is_streaming:
            return self._pace.batch
        return None if self._next_look is None else max(0.0, self._next_look - now)

    def _end(self) -> None:
        if self._store is None:
            return
        try:
            if self._begun:
                self._store.end(self._session.id, self._wall())
            self._store.close()
        except ArvisError as error:
            log.warning("the history was not closed properly: %s", error.code)
        if not self.is_done:
            log.warning("%d turns are lost, as they could not be stored", len(self._drafts.wanted()))

    def _numbered(self, failure: FailureNote) -> FailureNote:
        number = failure.turn_number
        return failure if number is None else replace(failure, turn_number=self._base + number)


def _may_pass(error: ArvisError) -> bool:
    """Whether a later attempt may succeed: also where it is the user who keeps Arvis from a server for a while."""
    return error.retryable or error.code == "offline"


def _nobody(_: Resumed | None) -> None:
    """Told of what is known already."""
