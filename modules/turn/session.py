"""The session: carries out what the turn machine decides, and feeds what happens back into it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from modules.audio.base import AudioOutput, AudioSource
from modules.llm.base import LanguageModel
from modules.llm.conversation import Conversation
from modules.stt.base import StreamingTranscriber, Transcript
from modules.tts.speech import SpeechRenderer
from modules.turn import machine
from modules.turn.events import (
    InputLevel,
    Notice,
    PhaseChanged,
    ReplyEnded,
    ReplyText,
    SessionEvent,
    TurnMeasured,
    UserText,
)
from modules.turn.listening import Listening
from modules.turn.loading import EngineSlot
from modules.turn.machine import Phase, State
from modules.turn.prompting import PromptReader
from modules.turn.replying import Reply, ReplyHooks, Voice
from modules.turn.settings import SessionSettings
from modules.turn.timeline import Timeline
from utils.aio import cancel
from utils.errors import ArvisError

log = logging.getLogger(__name__)

Listener = Callable[[SessionEvent], None]
"""Called on the event loop with everything that happens; must return at once."""


@dataclass(frozen=True, slots=True)
class SessionParts:
    """The devices and engines of a session."""

    source: AudioSource
    output: AudioOutput
    transcriber: StreamingTranscriber
    model: LanguageModel
    renderer: SpeechRenderer


@dataclass(slots=True)
class _Turn:
    """What is under way for the present turn."""

    turn_id: int
    timeline: Timeline
    user_text: str = ""
    listening: Listening | None = None
    capture: asyncio.Task[None] | None = None
    finish: asyncio.Task[None] | None = None
    reply: Reply | None = None
    reply_task: asyncio.Task[None] | None = None


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
        self._settings = settings
        self._emit = listener
        self._clock = clock
        self._state = State()
        self._pending: deque[machine.Event] = deque()
        self._stepping = False
        self._turn = _Turn(0, Timeline(clock))
        self._microphone = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self.conversation = Conversation(settings.system_prompt)
        """What was said so far; holds what was heard, not what was generated."""
        self._stt = EngineSlot("stt", parts.transcriber, listener, clock, owned=own_engines)
        self._llm = EngineSlot("llm", parts.model, listener, clock, owned=own_engines)
        self._tts = EngineSlot("tts", parts.renderer.synthesizer, listener, clock, owned=own_engines)
        self._prompts = PromptReader(parts.model, self.conversation, settings.generation, lambda: self._llm.is_ready)

    # --- what the user does -------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The state of the turn machine."""
        return self._state

    async def load(self, *, listen: bool = True) -> None:
        """Load and warm the engines at once; returns when each is ready or has failed (told by events).

        Args:
            listen: Whether speech will have to be understood; otherwise that engine waits until it is needed.
        """
        slots = [self._llm] + ([self._stt] if listen else []) + ([self._tts] if self._settings.read_aloud else [])
        await asyncio.gather(*(slot.settled() for slot in slots))
        await self._prompts.read()

    def press(self) -> None:
        """The user begins to speak: whatever is being said stops, and the microphone opens."""
        self._post(machine.TalkPressed())

    def release(self) -> None:
        """The user has finished speaking."""
        self._post(machine.TalkReleased())

    def submit(self, text: str) -> None:
        """The user typed instead of speaking."""
        self._post(machine.TextSubmitted(text))

    def stop(self) -> None:
        """The user wants silence: end listening, thinking and speaking, now."""
        self._post(machine.StopRequested())

    async def idle(self) -> None:
        """Wait until no turn is under way and nothing of the last one is left running."""
        while self._state.phase is not Phase.IDLE or self._tasks:
            self._changed.clear()
            await self._changed.wait()

    async def close(self) -> None:
        """Stop everything and free devices and engines."""
        self.stop()
        await self._prompts.close()
        await self.idle()
        await asyncio.gather(self._parts.source.close(), self._parts.output.close())
        await asyncio.gather(self._stt.close(), self._llm.close(), self._tts.close())

    # --- the machine --------------------------------------------------------------------------------------------

    def _post(self, event: machine.Event) -> None:
        """Feed an event to the machine; events that come up while it steps are taken in their order."""
        self._pending.append(event)
        if self._stepping:
            return
        self._stepping = True
        try:
            while self._pending:
                self._step(self._pending.popleft())
        finally:
            self._stepping = False
            self._changed.set()

    def _step(self, event: machine.Event) -> None:
        last = self._state.history[-1] if self._state.history else None
        self._state, effects = machine.step(self._state, event, self._clock())
        made = list(takewhile(lambda transition: transition is not last, reversed(self._state.history)))
        for transition in reversed(made):
            self._emit(PhaseChanged(transition.turn_id, self._state.revision, transition.after))
        for effect in effects:
            self._carry_out(effect)

    def _carry_out(self, effect: machine.Effect) -> None:
        match effect:
            case machine.StartListening(turn_id, revision):
                self._start_listening(turn_id, revision)
            case machine.FinishListening(turn_id, revision):
                self._turn.timeline.end_of_speech()
                finish = self._finish_listening(self._turn, turn_id, revision)
                self._turn.finish = self._spawn(finish, turn_id, revision)
            case machine.CancelListening():
                self._spawn(self._cancel_listening(self._turn))
            case machine.StartReply(turn_id, revision, text):
                self._start_reply(turn_id, revision, text)
            case machine.EndReply(turn_id, revision, interrupted):
                self._end_reply(turn_id, revision, interrupted)
            case machine.Tell(turn_id, code, message):
                self._emit(
                    Notice("info" if code in ("nothing-heard", "empty-text") else "error", code, message, turn_id)
                )
            case machine.Refuse(name, phase):
                log.debug("%s means nothing while %s", name, phase)

    def _spawn(
        self, work: Coroutine[Any, Any, None], turn_id: int | None = None, revision: int = 0
    ) -> asyncio.Task[None]:
        """Run a part of a turn; an error in it ends the turn with a sentence."""

        async def guarded() -> None:
            try:
                await work
            except ArvisError as error:
                self._fail(turn_id, revision, error.code, error.message)
            except Exception as error:  # native code may raise anything; the next turn must work
                log.exception("turn %s", turn_id)
                name = type(error).__name__
                self._fail(
                    turn_id, revision, "unexpected", f"Something unexpected went wrong ({name}). Please try again."
                )

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        # A task that is cancelled before its first step never starts its coroutine.
        task.add_done_callback(lambda _: work.close())
        task.add_done_callback(self._finished)
        return task

    def _fail(self, turn_id: int | None, revision: int, code: str, message: str) -> None:
        if turn_id is not None:
            self._post(machine.TurnFailed(turn_id, revision, code, message))

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()

    # --- listening ----------------------------------------------------------------------------------------------

    def _start_listening(self, turn_id: int, revision: int) -> None:
        turn = self._turn = _Turn(turn_id, Timeline(self._clock))
        turn.listening = Listening(
            source=self._parts.source,
            transcriber=self._parts.transcriber,
            ready=self._stt.ready,
            microphone=self._microphone,
            language=self._settings.language,
            max_seconds=self._settings.max_utterance_seconds,
            on_partial=lambda partial: self._on_partial(turn_id, revision, partial),
            on_level=lambda rms: self._emit(InputLevel(rms)),
            on_end=self.release,
        )
        turn.capture = self._spawn(turn.listening.capture(), turn_id, revision)

    def _on_partial(self, turn_id: int, revision: int, partial: Transcript) -> None:
        state = self._state
        stale = (turn_id, revision) != (state.turn_id, state.revision)
        if not stale and not state.replying and state.phase is not Phase.IDLE:
            self._emit(UserText(turn_id, revision, partial.text, final=False))
            self._prompts.begin(partial.text)

    async def _finish_listening(self, turn: _Turn, turn_id: int, revision: int) -> None:
        assert turn.listening is not None
        assert turn.capture is not None
        transcript = await turn.listening.finish(turn.capture)
        turn.timeline.note("final_transcript")
        state = self._state
        if (turn_id, revision, Phase.COMMITTED) != (state.turn_id, state.revision, state.phase):
            return
        if transcript.text:
            self._emit(UserText(turn_id, revision, transcript.text, final=True))
        self._post(machine.TranscriptReady(turn_id, revision, transcript.text))

    async def _cancel_listening(self, turn: _Turn) -> None:
        await cancel(*(task for task in (turn.capture, turn.finish) if task is not None))
        if turn.listening is not None:
            await turn.listening.cancel()

    # --- replying -----------------------------------------------------------------------------------------------

    def _start_reply(self, turn_id: int, revision: int, text: str) -> None:
        if self._turn.turn_id != turn_id:  # it was typed
            self._turn = _Turn(turn_id, Timeline(self._clock))
            self._emit(UserText(turn_id, revision, text, final=True, typed=True))
        turn, parts, settings = self._turn, self._parts, self._settings
        turn.user_text = text
        hooks = ReplyHooks(
            on_text=lambda piece: self._emit(ReplyText(turn_id, revision, piece)),
            on_audible=lambda: self._post(machine.ReplyAudible(turn_id, revision)),
            on_mute=lambda error: self._emit(Notice("warning", error.code, error.message, turn_id)),
        )
        voice = Voice(parts.renderer, parts.output, self._tts.ready, settings.voice, settings.speed)
        turn.reply = Reply(parts.model, voice if settings.read_aloud else None, turn.timeline, hooks)
        turn.reply_task = self._spawn(self._run_reply(turn.reply, text, turn_id, revision), turn_id, revision)

    async def _run_reply(self, reply: Reply, text: str, turn_id: int, revision: int) -> None:
        self._prompts.stop()
        await self._llm.ready()
        await reply.run(self._prompts.prompt(text), self._settings.generation)
        self._post(machine.ReplyFinished(turn_id, revision))

    def _end_reply(self, turn_id: int, revision: int, interrupted: bool) -> None:
        turn = self._turn
        assert turn.reply is not None
        assert turn.reply_task is not None
        text = turn.reply.cut() if interrupted else turn.reply.text
        if interrupted:
            turn.reply_task.cancel()
        turn.timeline.note("total")
        if text:
            self.conversation.add_turn(turn.user_text, text, interrupted=interrupted)
        self._emit(ReplyEnded(turn_id, revision, text, interrupted, turn.reply.spoken))
        self._emit(TurnMeasured(turn_id, turn.timeline.record()))
