"""The session: one conversation with one user; carries out what the turn machine decides."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from modules.audio.base import AudioChunk
from modules.audio.earcons import Earcon, earcon
from modules.endpointing.debounce import AdaptiveDebounce
from modules.endpointing.echo_guard import EchoGuard
from modules.endpointing.phrases import Phrases
from modules.llm.conversation import Conversation, Turn
from modules.stt.base import Transcript
from modules.turn import effects
from modules.turn.announcing import Announcements
from modules.turn.driver import Driver, Listener
from modules.turn.events import DebounceChanged, EngineLoading, Notice, SessionEvent, WakeHeard
from modules.turn.hearing import HearingHooks
from modules.turn.inputs import StopRequested, TalkPressed, TalkReleased, TextSubmitted
from modules.turn.intake import Intake
from modules.turn.microphone import OpenMicrophone
from modules.turn.parts import EarParts, SessionParts
from modules.turn.prompting import PromptReader
from modules.turn.replies import Replies
from modules.turn.settings import ListeningMode, LiveSettings, SessionSettings
from modules.turn.slots import Slots
from modules.turn.state import Overlap, Phase, State
from modules.turn.understanding import Understanding
from modules.turn.utterance import Utterance
from utils.errors import ArvisError

__all__ = ["EarParts", "Listener", "SessionParts", "TurnSession"]

log = logging.getLogger(__name__)

CLOSE_SECONDS = 3.0
"""How long `close` waits for what is under way; a native call that hangs cannot be ended."""

_MUTED = Notice("info", "muted", "The microphone is muted. Unmute it to talk (Ctrl+M).")


class TurnSession:
    """One conversation with one user. Every method is called on the event loop that runs the session.

    Args:
        parts: Devices and engines; the session loads and closes them.
        settings: How it behaves.
        listener: Told everything that happens.
        clock: Monotonic seconds.
        own_engines: Whether the session loads, warms and closes the engines; otherwise they are ready when it gets
            them, and outlive it.
    """

    def __init__(
        self,
        parts: SessionParts,
        settings: SessionSettings,
        listener: Listener,
        clock: Callable[[], float] = time.monotonic,
        *,
        own_engines: bool = True,
    ) -> None:
        self._parts = parts
        self._settings = LiveSettings(settings)
        self.conversation = Conversation(settings.system_prompt)
        """What was said so far; holds what was heard, not what was generated."""
        self._phrases = Phrases.load(settings.phrase_language)
        self._guard = EchoGuard()
        self._debounce = AdaptiveDebounce()
        self._debounce.set(settings.debounce_seconds)
        self._awake_until = 0.0
        self._begin: Sequence[AudioChunk] = ()
        self._driver = Driver(listener, clock, self._carry_out, lambda: parts.output.clock.heard(clock()))
        self._slots = Slots(parts, self._on_engine, clock, owned=own_engines)
        self._prompts = PromptReader(
            parts.model,
            self.conversation,
            lambda: self._settings.now.generation,
            is_ready=lambda: self._slots.llm.is_ready,
        )
        self._microphone = OpenMicrophone(
            self._driver, parts, self._slots, self._settings, self._phrases, self._hearing_hooks()
        )
        self._understanding = Understanding(
            self._driver,
            self._phrases,
            self._guard,
            self._microphone,
            parts.ears.wake.phrases if parts.ears is not None and parts.ears.wake is not None else (),
            on_stop_word=self.stop,
            on_nothing=lambda: self._play(Earcon.NOT_UNDERSTOOD),
        )
        self._intake = Intake(
            self._driver,
            parts,
            self._slots,
            self._settings,
            self._microphone,
            on_release=self.release,
            on_partial=self._prompts.begin,
            understand=self._understanding,
        )
        self._replies = Replies(
            self._driver, parts, self._slots, self._settings, self.conversation, self._prompts, self._guard
        )
        self._announcements = Announcements(self._driver, parts, self._slots, self._settings, self._guard)

    # --- what the user does -------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The state of the turn machine."""
        return self._driver.state

    @property
    def listening(self) -> ListeningMode:
        """How it listens."""
        return self._microphone.mode

    async def load(self, *, listen: bool = True) -> None:
        """Load and warm the engines at once; returns when each is ready or has failed (told by events).

        Args:
            listen: Whether speech will have to be understood; otherwise that engine waits until it is needed.
        """
        slots = [self._slots.llm, *([self._slots.stt] if listen else [])]
        slots += [self._slots.tts] if self._settings.now.read_aloud else []
        self._driver.emit(DebounceChanged(self._debounce.seconds, self._debounce.adaptive))
        if listen and self._settings.now.listening is not ListeningMode.PUSH_TO_TALK:
            self.set_listening(self._settings.now.listening)
        await asyncio.gather(*(slot.settled() for slot in slots))
        await self._prompts.read()

    def press(self) -> None:
        """The user begins to speak: whatever is being said stops, and the microphone opens."""
        if self._microphone.muted:
            self._driver.emit(_MUTED)
            return
        self._begin = self._microphone.under_way()
        self._driver.post(TalkPressed())
        self._begin = ()

    def release(self) -> None:
        """The user has finished speaking."""
        self._driver.post(TalkReleased())

    def submit(self, text: str) -> None:
        """The user typed instead of speaking."""
        self._driver.post(TextSubmitted(text))
        if text.strip():
            self._microphone.hush()

    def stop(self) -> None:
        """The user wants silence: end listening, thinking and speaking, now."""
        self._announcements.stop()
        self._driver.post(StopRequested())
        self._microphone.hush()
        self._awake_until = 0.0

    def apply(self, settings: SessionSettings) -> None:
        """Behave like this from now on; what is under way goes on as it was begun.

        The language of phrases is that of the session's begin.
        """
        before, self._settings.now = self._settings.now, settings
        self.conversation.system_prompt = settings.system_prompt
        if settings.debounce_seconds != before.debounce_seconds:
            self.set_debounce(settings.debounce_seconds)
        if settings.listening is not before.listening and settings.listening is not self.listening:
            self.set_listening(settings.listening)

    def resume(self, turns: Sequence[Turn]) -> None:
        """Go on with an earlier conversation: the model knows these turns as if they had just been."""
        self.conversation.resume(turns)
        self._prompts.begin("")

    def announce(self, text: str, *, urgent: bool = False) -> bool:
        """Say a sentence of Arvis' own aloud; speaking, typing and `stop` end it.

        Args:
            text: The sentence.
            urgent: Whether it ends the turn that is under way; otherwise nothing is said during one.

        Returns:
            Whether it is said, now or after the announcements before it.
        """
        if urgent and self.state.phase is not Phase.IDLE:
            self.stop()
        return self._announcements.say(text)

    @property
    def is_idle(self) -> bool:
        """Whether nobody speaks, types or is answered, and nothing is announced."""
        return self.state.phase is Phase.IDLE and not self._announcements.is_speaking

    def play(self, kind: Earcon) -> None:
        """Give a short sound, but none into an answer."""
        if self.state.phase is not Phase.SPEAKING:
            self._driver.spawn(self._play_earcon(kind))

    def set_listening(self, mode: ListeningMode) -> None:
        """Listen in this way from now on; `ListeningModeChanged` and `MicrophoneChanged` tell what came of it."""
        self._microphone.set_mode(mode)

    def set_muted(self, muted: bool) -> None:
        """Close the microphone, dropping what is being said, or let it be opened again."""
        self._microphone.set_muted(muted)

    def set_debounce(self, seconds: float | None) -> None:
        """Let so long a silence end an utterance, 0.4 to 1.2 seconds; None to follow how the user speaks."""
        self._debounce.set(seconds)
        self._driver.emit(DebounceChanged(self._debounce.seconds, self._debounce.adaptive))

    async def idle(self) -> None:
        """Wait until no turn is under way and nothing of the last one is left running."""
        await self._driver.idle()

    async def close(self) -> None:
        """Stop everything and free devices and engines."""
        self.stop()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._microphone.close()
                await self._prompts.close()
                await self.idle()
        except TimeoutError:
            log.warning("something is still at work; the session is closed without waiting for it")
        await asyncio.gather(self._parts.source.close(), self._parts.output.close())
        await self._slots.close()

    # --- what the machine decides -------------------------------------------------------------------------------

    def _carry_out(self, effect: effects.Effect) -> None:
        if isinstance(effect, effects.StartListening | effects.StartReply):
            self._announcements.stop()
        match effect:
            case effects.StartReply(turn_id, revision, text, held):
                self._replies.start(turn_id, revision, text, held)
                if not self.state.hands_free:
                    self._microphone.check_headset()
            case effects.ReleaseReply(turn_id, revision):
                self._replies.release(turn_id, revision)
            case effects.DropReply(turn_id, revision):
                self._replies.drop(turn_id, revision)
            case effects.EndReply(turn_id, revision, interrupted, continued):
                self._replies.end(turn_id, revision, interrupted=interrupted, continued=continued)
                self._reply_ended()
            case effects.SetOverlap(turn_id, overlap):
                self._replies.set_overlap(turn_id, overlap)
                if overlap is Overlap.NONE and self._microphone.is_hearing:
                    self._microphone.hearing.reply_ended()
            case effects.Tell(turn_id, code, message):
                self._driver.emit(
                    Notice("info" if code in ("nothing-heard", "empty-text") else "error", code, message, turn_id)
                )
            case effects.Refuse(name, phase):
                log.debug("%s means nothing while %s", name, phase)
            case _:
                self._listen(effect)

    def _listen(self, effect: effects.Effect) -> None:
        match effect:
            case effects.StartListening(turn_id, revision):
                self._intake.start(turn_id, revision, self._begin)
            case effects.FinishListening(turn_id, revision):
                self._intake.finish(turn_id, revision)
            case effects.OpenUtterance(turn_id):
                self._intake.open(turn_id)
            case effects.AdoptUtterance(turn_id):
                self._intake.adopt(turn_id)
            case effects.SettleUtterance(turn_id, revision):
                self._intake.settle(turn_id, revision)
            case effects.ReopenUtterance():
                self._intake.reopen()
            case effects.CloseUtterance():
                self._intake.close()
                self._microphone.check_headset()
                self._replies.given()
                self._record_pause()
            case effects.CancelListening(turn_id):
                self._intake.cancel(turn_id)

    def _reply_ended(self) -> None:
        self._awake_until = self._driver.clock() + self._settings.now.follow_up_seconds
        if self._microphone.is_hearing:
            # Later, because the words that were said over the reply may be adopted as the next utterance.
            asyncio.get_running_loop().call_soon(self._microphone.hearing.reply_ended)

    def _record_pause(self) -> None:
        if self._debounce.record(cancelled=self._driver.turn.revisions > 0):
            self._driver.emit(DebounceChanged(self._debounce.seconds, self._debounce.adaptive))

    # --- what hearing and the engines tell ----------------------------------------------------------------------

    def _hearing_hooks(self) -> HearingHooks:
        return HearingHooks(
            open_utterance=self._open_utterance,
            on_words=lambda partial: self._intake.partial(self.state.turn_id, self.state.revision, partial),
            on_wake=self._on_wake,
            on_stop_word=self.stop,
            is_echo=lambda text: self._understanding.is_echo(text),
            needs_wake=self._needs_wake,
            debounce=self._debounce,
            may_interrupt=lambda: self._settings.now.barge_in,
        )

    def _open_utterance(self, begin: Sequence[AudioChunk], on_partial: Callable[[Transcript], None]) -> Utterance:
        return Utterance(
            self._parts.transcriber,
            self._slots.stt.ready,
            is_ready=self._slots.stt.is_ready,
            language=self._settings.now.language,
            begin=begin,
            on_partial=on_partial,
        )

    def _needs_wake(self) -> bool:
        return self.listening is ListeningMode.WAKE_WORD and self._driver.clock() > self._awake_until

    def _on_wake(self, score: float) -> None:
        self._driver.emit(WakeHeard(score))
        self._play(Earcon.LISTENING)

    def _on_engine(self, event: SessionEvent) -> None:
        if isinstance(event, EngineLoading):  # a turn that waits for it is not stuck
            self._driver.progress()
        self._driver.emit(event)

    def _play(self, kind: Earcon) -> None:
        if self._settings.now.earcons:
            self.play(kind)

    async def _play_earcon(self, kind: Earcon) -> None:
        try:
            await self._parts.output.begin()
            await self._parts.output.play(earcon(kind))
            await self._parts.output.drain()
        except ArvisError as error:  # whoever needs the speaker will say so
            log.info("no earcon: %s", error.code)
