"""What is answered: replies begun, held back, given, withdrawn and ended."""

from __future__ import annotations

from modules.endpointing.echo_guard import EchoGuard
from modules.llm.conversation import Conversation
from modules.streaming.monitor import LLMPerformanceMonitor
from modules.streaming.optimizer import LLMStreamingOptimizer
from modules.turn.driver import Driver
from modules.turn.events import (
    ModelMeasured,
    Notice,
    OverlapChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    SpeculationMeasured,
    TurnMeasured,
    UserText,
)
from modules.turn.inputs import ReplyAudible, ReplyFinished, ReplyShown
from modules.turn.overlap import DUCK_DECIBELS
from modules.turn.parts import SessionParts
from modules.turn.prompting import PromptReader
from modules.turn.replying import Reply, ReplyHooks
from modules.turn.settings import LiveSettings
from modules.turn.slots import Slots
from modules.turn.speaking import Voice
from modules.turn.state import Overlap, Phase
from modules.turn.timeline import Timeline
from modules.turn.turn import Turn
from utils.errors import ArvisError


class Replies:
    """Carries out what the machine decides about replying.

    Args:
        driver: Takes what happens.
        parts: Devices and engines.
        slots: The engines as they load.
        settings: How the session behaves.
        conversation: Gets what was heard of each reply.
        prompts: Makes the prompts.
        guard: Is told what is said aloud.
    """

    def __init__(
        self,
        driver: Driver,
        parts: SessionParts,
        slots: Slots,
        settings: LiveSettings,
        conversation: Conversation,
        prompts: PromptReader,
        guard: EchoGuard,
    ) -> None:
        self._driver = driver
        self._parts = parts
        self._slots = slots
        self._settings = settings
        self._conversation = conversation
        self._prompts = prompts
        self._guard = guard
        self._monitor = LLMPerformanceMonitor(driver.clock)
        self._optimizer = LLMStreamingOptimizer(self._monitor, driver.clock)
        self._speculation = SpeculationMeasured(0, 0, 0, 0, 0.0)

    def start(self, turn_id: int, revision: int, text: str, held: bool) -> None:
        """Begin a reply; one that is held gives nothing out."""
        if self._driver.turn.turn_id != turn_id:  # it was typed
            self._driver.turn = Turn(turn_id, Timeline(self._driver.clock))
            self._driver.emit(UserText(turn_id, revision, text, final=True, typed=True))
        turn = self._driver.turn
        turn.user_text = text
        turn.begun = self._driver.clock()
        turn.speculative = held
        self._guard.begin()
        if held:
            self._count(started=1)
        else:
            turn.timeline.note("end_decided", None if self._driver.state.hands_free else turn.timeline.speech_end)
        turn.reply = Reply(
            self._parts.model,
            self._voice(),
            turn.timeline,
            self._hooks(turn_id, revision),
            held=held,
            optimizer=self._optimizer,
        )
        turn.reply_task = self._driver.spawn(self._run(turn.reply, text, turn_id, revision), turn_id, revision)

    def release(self, turn_id: int, revision: int) -> None:
        """Give out the reply that was held."""
        turn = self._driver.turn
        assert turn.reply is not None
        turn.timeline.note("end_decided")
        self._driver.emit(UserText(turn_id, revision, turn.user_text, final=True))
        turn.reply.release()

    def drop(self, turn_id: int, revision: int) -> None:
        """Withdraw a reply that nobody has heard."""
        turn = self._driver.turn
        assert turn.reply is not None
        assert turn.reply_task is not None
        turn.reply.cut()
        turn.reply_task.cancel()
        self._count_waste(turn)
        turn.reply = None
        self._driver.emit(ReplyDropped(turn_id, revision))

    def end(self, turn_id: int, revision: int, *, interrupted: bool, continued: bool) -> None:
        """The reply is over: keep what was heard of it, and what it answered if that is to be joined with more."""
        turn = self._driver.turn
        assert turn.reply is not None
        assert turn.reply_task is not None
        text = turn.reply.cut() if interrupted else turn.reply.text
        if interrupted:
            turn.reply_task.cancel()
            self._guard.silenced(self._driver.clock())
        turn.timeline.note("total")
        if interrupted:
            self._count_waste(turn)
        if text or continued:
            self._conversation.add_turn(turn.user_text, text, interrupted=interrupted)
        self._driver.emit(ReplyEnded(turn_id, revision, text, interrupted, turn.reply.spoken))
        self._driver.emit(TurnMeasured(turn_id, turn.timeline.record()))
        self._driver.emit(self._performance())

    def set_overlap(self, turn_id: int, overlap: Overlap) -> None:
        """Play softer, hold, or play on as before."""
        output = self._parts.output
        match overlap:
            case Overlap.DUCKED:
                output.set_gain(DUCK_DECIBELS)
            case Overlap.PAUSED:
                output.pause()
            case Overlap.NONE:
                output.set_gain(0.0)
                output.resume()
        self._driver.emit(OverlapChanged(turn_id, overlap))

    def given(self) -> None:
        """The user was given the first of the reply: it was worth while to begin it early."""
        if self._driver.turn.speculative:
            self._driver.turn.speculative = False
            self._count(used=1)

    async def _run(self, reply: Reply, text: str, turn_id: int, revision: int) -> None:
        self._prompts.stop()
        await self._slots.llm.ready()
        await reply.run(self._prompts.prompt(text), self._settings.now.generation)
        self._driver.post(ReplyFinished(turn_id, revision))

    def _voice(self) -> Voice | None:
        settings, parts = self._settings.now, self._parts
        if not settings.read_aloud:
            return None
        return Voice(parts.renderer, parts.output, self._slots.tts.ready, settings.voice, settings.speed)

    def _hooks(self, turn_id: int, revision: int) -> ReplyHooks:
        driver = self._driver
        silent = not self._settings.now.read_aloud

        def on_text(piece: str) -> None:
            driver.progress()
            driver.emit(ReplyText(turn_id, revision, piece))
            if silent and not driver.state.given:
                driver.post(ReplyShown(turn_id, revision))

        def on_mute(error: ArvisError) -> None:
            nonlocal silent
            silent = True
            driver.emit(Notice("warning", error.code, error.message, turn_id))
            if driver.state.phase is Phase.COMMITTED:
                driver.post(ReplyShown(turn_id, revision))

        def on_spoken(text: str) -> None:
            driver.progress()
            self._guard.said(text, driver.clock())

        return ReplyHooks(
            on_text=on_text,
            on_audible=lambda: driver.post(ReplyAudible(turn_id, revision)),
            on_mute=on_mute,
            on_spoken=on_spoken,
        )

    def _performance(self) -> ModelMeasured:
        found = self._monitor.snapshot(self._parts.model.name)
        first, gap = found.first_token_p50, found.gap_p95
        return ModelMeasured(
            found.model,
            found.generations,
            None if first is None else first * 1000.0,
            found.tokens_per_second,
            None if gap is None else gap * 1000.0,
        )

    def _count_waste(self, turn: Turn) -> None:
        if turn.speculative and turn.reply is not None:
            turn.speculative = False
            spent = (self._driver.clock() - turn.begun) * 1000.0
            self._count(wasted=1, wasted_tokens=turn.reply.tokens, wasted_ms=spent)

    def _count(
        self, *, started: int = 0, used: int = 0, wasted: int = 0, wasted_tokens: int = 0, wasted_ms: float = 0.0
    ) -> None:
        past = self._speculation
        self._speculation = SpeculationMeasured(
            past.started + started,
            past.used + used,
            past.wasted + wasted,
            past.wasted_tokens + wasted_tokens,
            past.wasted_ms + wasted_ms,
        )
        self._driver.emit(self._speculation)
