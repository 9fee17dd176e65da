"""The open microphone: when it is open, what it hears with, and who may use it instead."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import numpy as np

from modules.audio.base import AudioChunk
from modules.endpointing.phrases import Phrases
from modules.turn.driver import Driver
from modules.turn.ears import Ears
from modules.turn.events import InputLevel, ListeningModeChanged, MicrophoneChanged, Notice
from modules.turn.hearing import Hearing, HearingHooks
from modules.turn.inputs import EndConfirmed, EndLikely, OverlapDismissed, StopRequested, TurnFailed
from modules.turn.listening import LEVEL_INTERVAL
from modules.turn.parts import EarParts, SessionParts
from modules.turn.settings import ListeningMode, LiveSettings
from modules.turn.slots import Slots
from modules.turn.state import Overlap, Phase
from utils.errors import ArvisError

_NO_EARS = Notice(
    "info", "no-open-microphone", "This session listens while the talk key is held only; hands-free is not set up."
)


class OpenMicrophone:
    """Opens and closes the microphone as the mode, the mute switch and the talk key demand.

    Args:
        driver: Takes what happens.
        parts: Devices and engines.
        slots: The engines as they load.
        settings: How the session behaves.
        phrases: What people say to answer, to hesitate and to stop an assistant.
        hooks: What hearing calls.
    """

    def __init__(
        self,
        driver: Driver,
        parts: SessionParts,
        slots: Slots,
        settings: LiveSettings,
        phrases: Phrases,
        hooks: HearingHooks,
    ) -> None:
        self._driver = driver
        self._parts = parts
        self._slots = slots
        self._settings = settings
        self._phrases = phrases
        self._hooks = hooks
        self._hearing: Hearing | None = None
        self._opening: asyncio.Task[None] | None = None
        self._loaded: EarParts | None = None
        self._is_open = False
        self._isolated = False
        self._key_held = False
        self._ended = False
        self._level = _Level(driver)
        self.mode = ListeningMode.PUSH_TO_TALK
        self.muted = False
        self.lock = asyncio.Lock()
        """Held while the source is open: a source has one owner at a time."""
        self._ears = Ears(
            parts.source,
            self.lock,
            on_chunk=self._on_chunk,
            on_open=self._on_ears,
            on_trouble=self._on_trouble,
            on_end=self._on_end,
        )

    @property
    def is_hearing(self) -> bool:
        """Whether it is open and heard with."""
        return self._hearing is not None

    @property
    def hearing(self) -> Hearing:
        """What comes through it."""
        assert self._hearing is not None
        return self._hearing

    def set_mode(self, mode: ListeningMode) -> None:
        """Listen in this way from now on."""
        if mode is not ListeningMode.PUSH_TO_TALK and self._parts.ears is None:
            self._driver.emit(_NO_EARS)
            mode = ListeningMode.PUSH_TO_TALK
        self.mode = mode
        self._loaded = None
        self._driver.emit(ListeningModeChanged(mode))
        self._close()
        self._refresh()

    def set_muted(self, muted: bool) -> None:
        """Close the microphone until it is unmuted, whatever the mode."""
        self.muted = muted
        if muted and self._driver.state.phase in (Phase.LISTENING, Phase.SPECULATIVE):
            self._driver.post(StopRequested())
        self._refresh()

    def under_way(self) -> Sequence[AudioChunk]:
        """The sound of the utterance that is going on, for the talk key to go on with."""
        listening = self._driver.state.phase in (Phase.LISTENING, Phase.SPECULATIVE)
        utterance = self._hearing.utterance if self._hearing is not None and listening else None
        return tuple(utterance.chunks) if utterance is not None else ()

    def hush(self) -> None:
        """Drop what is being said, up to the next silence."""
        if self._hearing is not None:
            self._hearing.hush()

    def yield_to_key(self) -> None:
        """The talk key is held: the microphone is its own until `take_back`."""
        self._key_held = True
        self._refresh()

    def take_back(self) -> None:
        """The talk key needs it no longer."""
        self._key_held = False
        self._refresh()

    def on_open(self, is_open: bool) -> None:
        """The device was opened or closed, by whomever."""
        if is_open != self._is_open:
            self._is_open = is_open
            self._driver.emit(MicrophoneChanged(is_open))

    async def close(self) -> None:
        """Close it for good."""
        self.mode = ListeningMode.PUSH_TO_TALK
        self._close()
        await self._ears.closed()

    def _refresh(self) -> None:
        wanted = self.mode is not ListeningMode.PUSH_TO_TALK and not self.muted and not self._key_held
        if not wanted:
            self._close()
        elif self._loaded is not None:
            self._ears.open()
        elif self._opening is None:
            self._opening = self._driver.spawn(self._load())

    def _close(self) -> None:
        state = self._driver.state
        if self._hearing is not None and state.hands_free and state.phase in (Phase.LISTENING, Phase.SPECULATIVE):
            self._driver.post(StopRequested())
        self._ears.close()
        self._lose_hearing()
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None

    async def _load(self) -> None:
        try:
            loaded = await self._slots.ears(wake=self.mode is ListeningMode.WAKE_WORD)
            self._isolated = await _ask(loaded)
            self._loaded = loaded
        except ArvisError as error:
            self._driver.emit(Notice("error", error.code, error.message))
            self.mode = ListeningMode.PUSH_TO_TALK
            self._driver.emit(ListeningModeChanged(self.mode))
            return
        finally:
            if self._opening is asyncio.current_task():  # else the mode was changed meanwhile, and another one loads
                self._opening = None
        self._refresh()

    def check_headset(self) -> None:
        """Look whether a headset was plugged in or out, now that a reply begins and no utterance is lost by it."""
        if self._loaded is not None and self._loaded.is_isolated is not None and self._hearing is not None:
            self._driver.spawn(self._check_headset(self._loaded))

    async def _check_headset(self, loaded: EarParts) -> None:
        isolated = await _ask(loaded)
        if isolated == self._isolated or self._driver.state.phase in (Phase.LISTENING, Phase.SPECULATIVE):
            return
        self._isolated = isolated
        if self._hearing is not None:  # it begins anew, with or without the echo canceller
            self._close()
            self._refresh()

    # --- what the device does -----------------------------------------------------------------------------------

    def _on_ears(self, is_open: bool) -> None:
        self.on_open(is_open)
        if not is_open:
            # A source that ended by itself has said all; what it said is still to be answered.
            if not self._ended:
                self._lose_hearing()
        elif self._loaded is not None and self._ears.wanted:
            reference = self._parts.output.reference
            seconds = self._settings.now.hands_free_max_seconds
            self._ended = False
            self._hearing = Hearing(
                self._loaded,
                reference,
                self._driver,
                self._phrases,
                self._hooks,
                seconds,
                isolated=self._isolated,
            )

    def _on_chunk(self, chunk: AudioChunk) -> None:
        if self._hearing is not None:
            self._level.feed(chunk)
            self._hearing.feed(chunk)

    def _on_trouble(self, error: ArvisError) -> None:
        state = self._driver.state
        if state.hands_free and state.phase in (Phase.LISTENING, Phase.SPECULATIVE):
            self._driver.post(TurnFailed(state.turn_id, state.revision, error.code, error.message))
        else:
            self._driver.emit(Notice("warning", error.code, error.message))

    def _on_end(self) -> None:
        self._ended = True
        state = self._driver.state
        self._driver.post(EndLikely(state.turn_id, state.revision))
        self._driver.post(EndConfirmed(state.turn_id, state.revision))

    def _lose_hearing(self) -> None:
        """Nothing is heard any more: nothing can interrupt a reply, or go on with what was being said."""
        hearing, self._hearing = self._hearing, None
        if hearing is None:
            return
        state = self._driver.state
        if state.overlap is not Overlap.NONE:
            self._driver.post(OverlapDismissed(state.turn_id, state.revision))
        hearing.reply_ended()
        if state.phase is not Phase.COMMITTED:  # else it is to be answered, and may not be transcribed yet
            hearing.close()


async def _ask(loaded: EarParts) -> bool:
    """Whether the microphone cannot hear the speaker now."""
    return loaded.is_isolated is not None and await asyncio.to_thread(loaded.is_isolated)


class _Level:
    """Reports the loudness of an open microphone about 30 times a second."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._seconds = 0.0
        self._square = 0.0
        self._frames = 0

    def feed(self, chunk: AudioChunk) -> None:
        self._seconds += chunk.seconds
        self._square += float(np.dot(chunk.samples, chunk.samples))
        self._frames += chunk.frames
        if self._seconds >= LEVEL_INTERVAL:
            self._driver.emit(InputLevel(math.sqrt(self._square / self._frames)))
            self._seconds, self._square, self._frames = 0.0, 0.0, 0
