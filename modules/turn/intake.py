"""What the user says, with the talk key held or through the open microphone, up to its transcript."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from modules.audio.base import AudioChunk
from modules.stt.base import Transcript
from modules.turn.driver import Driver
from modules.turn.events import InputLevel, UserText, UtteranceDropped
from modules.turn.inputs import TranscriptReady
from modules.turn.listening import Listening
from modules.turn.microphone import OpenMicrophone
from modules.turn.parts import SessionParts
from modules.turn.settings import LiveSettings
from modules.turn.slots import Slots
from modules.turn.state import Phase
from modules.turn.timeline import Timeline
from modules.turn.turn import Turn
from modules.turn.utterance import Utterance
from utils.aio import cancel


class Intake:
    """Carries out what the machine decides about listening.

    Args:
        driver: Takes what happens.
        parts: Devices and engines.
        slots: The engines as they load.
        settings: How the session behaves.
        microphone: The open microphone.
        on_release: Called when an utterance of the talk key ends by itself.
        on_partial: Called with the words so far.
        understand: Makes of a transcript what is to be answered; empty when nothing is.
    """

    def __init__(
        self,
        driver: Driver,
        parts: SessionParts,
        slots: Slots,
        settings: LiveSettings,
        microphone: OpenMicrophone,
        *,
        on_release: Callable[[], None],
        on_partial: Callable[[str], None],
        understand: Callable[[str, bool], str],
    ) -> None:
        self._driver = driver
        self._parts = parts
        self._slots = slots
        self._settings = settings
        self._microphone = microphone
        self._on_release = on_release
        self._on_partial = on_partial
        self._understand = understand

    # --- with the talk key held ---------------------------------------------------------------------------------

    def start(self, turn_id: int, revision: int, begin: Sequence[AudioChunk]) -> None:
        """Open the microphone; the utterance begins with what was heard before."""
        turn = self._driver.turn = Turn(turn_id, Timeline(self._driver.clock))
        turn.listening = Listening(
            source=self._parts.source,
            transcriber=self._parts.transcriber,
            ready=self._slots.stt.ready,
            microphone=self._microphone.lock,
            language=self._settings.now.language,
            max_seconds=self._settings.now.max_utterance_seconds,
            on_partial=lambda partial: self.partial(turn_id, revision, partial),
            on_level=self._on_level,
            on_end=self._on_release,
            on_open=self._microphone.on_open,
            begin=begin,
        )
        self._microphone.yield_to_key()
        turn.capture = self._driver.spawn(turn.listening.capture(), turn_id, revision)
        turn.capture.add_done_callback(lambda _: self._microphone.take_back())

    def finish(self, turn_id: int, revision: int) -> None:
        """Close the microphone and make the final transcript."""
        turn = self._driver.turn
        assert turn.listening is not None
        assert turn.capture is not None
        turn.timeline.end_of_speech()
        work = self._finish(turn, turn.listening, turn.capture, revision)
        turn.settling = self._driver.spawn(work, turn_id, revision)

    async def _finish(self, turn: Turn, listening: Listening, capture: asyncio.Task[None], revision: int) -> None:
        self._report(turn, revision, await listening.finish(capture))

    # --- through the open microphone ----------------------------------------------------------------------------

    def open(self, turn_id: int) -> None:
        """Begin an utterance with what was heard lately."""
        self._driver.turn = Turn(turn_id, Timeline(self._driver.clock))
        self._microphone.hearing.open()

    def adopt(self, turn_id: int) -> None:
        """Go on with the words that were said over the last reply."""
        self._driver.turn = Turn(turn_id, Timeline(self._driver.clock))
        self._microphone.hearing.adopt()

    def settle(self, turn_id: int, revision: int) -> None:
        """Make the transcript of what was said so far."""
        turn, hearing = self._driver.turn, self._microphone.hearing
        turn.timeline = Timeline(self._driver.clock)
        turn.timeline.end_of_speech(hearing.speech_end)
        turn.settling = self._driver.spawn(self._settle(turn, revision, hearing.utterance), turn_id, revision)

    async def _settle(self, turn: Turn, revision: int, utterance: Utterance | None) -> None:
        transcript = await utterance.settle() if utterance is not None else Transcript("")
        self._report(turn, revision, transcript)

    def reopen(self) -> None:
        """The utterance goes on."""
        turn = self._driver.turn
        turn.revisions += 1
        if turn.settling is not None:
            turn.settling.cancel()
        self._microphone.hearing.reopen()

    def close(self) -> None:
        """The utterance is over for good."""
        if self._microphone.is_hearing:
            self._microphone.hearing.close()

    # --- both ---------------------------------------------------------------------------------------------------

    def cancel(self, turn_id: int) -> None:
        """Drop the utterance."""
        turn = self._driver.turn
        if turn.listening is not None:
            self._driver.spawn(self._cancel(turn, turn.listening))
            return
        if turn.settling is not None:
            turn.settling.cancel()
        if self._microphone.is_hearing:
            self._microphone.hearing.hush()
        if turn.reply is None or turn.reply.held:  # else it was a request, whatever became of its answer
            self._driver.emit(UtteranceDropped(turn_id))

    async def _cancel(self, turn: Turn, listening: Listening) -> None:
        await cancel(*(task for task in (turn.capture, turn.settling) if task is not None))
        await listening.cancel()

    def partial(self, turn_id: int, revision: int, partial: Transcript) -> None:
        """The words so far, of an utterance that is going on."""
        state = self._driver.state
        if not self._driver.is_current(turn_id, revision) or state.replying or state.phase is Phase.IDLE:
            return
        self._driver.progress()
        self._driver.emit(UserText(turn_id, revision, partial.text, final=False))
        if state.phase is Phase.LISTENING:  # else the reply reads it itself, and need not wait for this to stop
            self._on_partial(partial.text)

    def _report(self, turn: Turn, revision: int, transcript: Transcript) -> None:
        turn.timeline.note("final_transcript")
        state = self._driver.state
        waiting = state.phase in (Phase.SPECULATIVE, Phase.COMMITTED)
        if not waiting or not self._driver.is_current(turn.turn_id, revision):
            return
        text = self._understand(transcript.text, state.hands_free)
        if text:
            final = self._driver.state.phase is Phase.COMMITTED
            self._driver.emit(UserText(turn.turn_id, revision, text, final=final))
        self._driver.post(TranscriptReady(turn.turn_id, revision, text))

    def _on_level(self, rms: float) -> None:
        self._driver.progress()
        self._driver.emit(InputLevel(rms))
