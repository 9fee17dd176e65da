"""What comes through the open microphone, and what it means in the present phase."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modules.audio.base import AudioChunk, PlaybackReference
from modules.echo.base import EchoStream
from modules.endpointing.base import EndpointError, EndpointModel
from modules.endpointing.debounce import AdaptiveDebounce
from modules.endpointing.endpointer import RESUME_WINDOWS, Decision, Endpointer
from modules.endpointing.phrases import Phrases
from modules.stt.base import Transcript
from modules.turn.barge_in import BargeIn
from modules.turn.driver import Driver, log
from modules.turn.inputs import EndConfirmed, EndLikely, SpeechStarted
from modules.turn.overlap import EAGER_THRESHOLD
from modules.turn.parts import EarParts
from modules.turn.state import Phase
from modules.turn.utterance import Utterance
from modules.vad.base import VadStream
from modules.vad.bursts import Bursts
from modules.vad.runs import SpeechRuns
from modules.vad.spans import WINDOW_SECONDS
from modules.wake.base import WakeStream
from utils.errors import ArvisError

PRE_ROLL_SECONDS = 0.6
"""Sound from before the onset that belongs to an utterance, so that its first word is whole."""
MEMORY_SECONDS = 3.0
"""Sound that is remembered for the pre-roll; an onset may be noticed late."""
ONSET_SECONDS = 0.09
"""Speech that begins an utterance: three windows of the detector. A click is shorter."""
RESUMED_SECONDS = 0.06
"""Speech that goes on with an utterance whose reply is not out yet: it must be noticed before it is."""
CALM_SECONDS = 0.3
"""Silence after which whoever was told to be quiet may speak again."""
WAKE_PHRASE_SECONDS = 1.3
"""What is heard of the wake phrase is transcribed with the request and then cut from its words: where it ends in the
sound is known too vaguely to cut there."""
WOKEN_SPEECH_SECONDS = 0.2
"""Speech after the wake phrase that is more than the end of it."""
WOKEN_SECONDS = 5.0
"""Who says nothing for so long after the wake phrase did not mean it."""


@dataclass(frozen=True, slots=True)
class HearingHooks:
    """What hearing calls, on the event loop."""

    open_utterance: Callable[[Sequence[AudioChunk], Callable[[Transcript], None]], Utterance]
    """Begins an utterance with what was heard before."""
    on_words: Callable[[Transcript], None]
    """With each partial transcript of the present utterance."""
    on_wake: Callable[[float], None]
    """With the score of a wake phrase."""
    on_stop_word: Callable[[], None]
    """When the user says that they want silence."""
    is_echo: Callable[[str], bool]
    """Whether words are the assistant's own."""
    needs_wake: Callable[[], bool]
    """Whether a new utterance has to begin with the wake phrase."""
    debounce: AdaptiveDebounce
    """Silence that ends an utterance."""
    may_interrupt: Callable[[], bool]
    """Whether speaking over a reply ends it."""


class Hearing:
    """One opening of the microphone, from the first chunk to the last.

    Args:
        parts: The loaded engines.
        reference: What the speaker plays.
        driver: Takes what happens.
        phrases: What people say to answer, to hesitate and to stop an assistant.
        hooks: What is called.
        max_seconds: Longest utterance.
        isolated: Whether the microphone cannot hear the speaker; echo is then not looked for.
    """

    def __init__(
        self,
        parts: EarParts,
        reference: PlaybackReference,
        driver: Driver,
        phrases: Phrases,
        hooks: HearingHooks,
        max_seconds: float,
        *,
        isolated: bool = False,
    ) -> None:
        self._driver = driver
        self._phrases = phrases
        self._hooks = hooks
        self._max_seconds = max_seconds
        self._model = parts.endpoint_model
        self._vad: VadStream = parts.vad.open()
        canceller = None if isolated else parts.canceller
        self._echo: EchoStream | None = canceller.open(reference) if canceller is not None else None
        self._wake: WakeStream | None = parts.wake.open() if parts.wake is not None else None
        self.isolated = isolated
        """Whether the microphone cannot hear the speaker."""
        self._runs = SpeechRuns(parts.threshold)
        self._bursts = Bursts()
        self._over_reply = SpeechRuns(min(parts.threshold, EAGER_THRESHOLD), hysteresis=0.0)
        self._memory: deque[AudioChunk] = deque()
        self._remembered = 0.0  # seconds of it
        self._heard = 0.0  # seconds of the stream
        self._until = driver.clock()  # when the last of it was captured
        self._utterance: Utterance | None = None
        self._asking: list[asyncio.Task[None]] = []
        self._endpointer = self._new_endpointer()
        self._woken: float | None = None  # second of the stream at which the wake phrase was over
        self._after_wake = 0.0  # seconds from the beginning of the wake phrase to when it was noticed
        self._spoken = 0.0  # seconds of speech in the utterance
        self._hushed = False
        self._barge_in = BargeIn(
            driver,
            phrases,
            open_utterance=self._candidate,
            is_echo=hooks.is_echo,
            is_settled=lambda: self.settled,
            on_stop_word=hooks.on_stop_word,
            isolated=isolated,
        )

    # --- sound --------------------------------------------------------------------------------------------------

    def feed(self, chunk: AudioChunk) -> None:
        """Take in what the microphone heard (16 kHz)."""
        for clean in self._echo.feed(chunk) if self._echo is not None else (chunk,):
            self._hear(clean)

    @property
    def speech_end(self) -> float:
        """Monotonic time at which the last speech ended."""
        return self._until - self._runs.silence

    @property
    def utterance(self) -> Utterance | None:
        """What is being said, or was said last and not yet answered."""
        return self._utterance

    @property
    def woken(self) -> bool:
        """Whether the utterance began with the wake phrase."""
        return self._woken is not None

    def _hear(self, chunk: AudioChunk) -> None:
        self._heard += chunk.seconds
        self._until = chunk.time + chunk.seconds if chunk.time else self._driver.clock()
        self._remember(chunk)
        if self._utterance is not None:
            self._utterance.feed(chunk)
        self._barge_in.feed(chunk)
        if self._driver.state.phase is Phase.LISTENING and self._utterance is not None:
            self._driver.progress()
        self._bursts.feed(chunk)
        if self._driver.state.phase is Phase.SPEAKING and self._hooks.may_interrupt() and not self._hushed:
            self._barge_in.burst(self._bursts.seconds, self._heard)
        for probability in self._vad.feed(chunk):
            self._runs.window(probability)
            self._over_reply.window(probability)
            self._window()
        if self._wake is not None:
            for detection in self._wake.feed(chunk):
                self._on_wake(detection.score, detection.end)

    def _remember(self, chunk: AudioChunk) -> None:
        self._memory.append(chunk)
        self._remembered += chunk.seconds
        while self._remembered > MEMORY_SECONDS:
            self._remembered -= self._memory.popleft().seconds

    def _lately(self, seconds: float) -> list[AudioChunk]:
        """The last chunks, of so many seconds at least."""
        chunks: list[AudioChunk] = []
        for chunk in reversed(self._memory):
            if seconds <= 0.0:
                break
            chunks.append(chunk)
            seconds -= chunk.seconds
        return chunks[::-1]

    # --- what it means ------------------------------------------------------------------------------------------

    def _window(self) -> None:
        state = self._driver.state
        if self._hushed:
            self._hushed = self._runs.silence < CALM_SECONDS
            return
        match state.phase:
            case Phase.IDLE:
                if not self._hooks.needs_wake() and self._runs.voiced_seconds >= ONSET_SECONDS:
                    self._driver.post(SpeechStarted())
            case Phase.LISTENING | Phase.SPECULATIVE if state.hands_free:
                self._follow(state.phase)
            # What was typed, or said with the key held, is not reopened: a cough, or the end of a word that the key was
            # released in, would drop it; nor is what was said before the microphone was opened anew. Only a stop word
            # counts, as it does while a reply is written; whoever says more is judged when it is heard.
            case Phase.COMMITTED if state.hands_free and not state.given and self._utterance is not None:
                if self._hooks.may_interrupt() and self._runs.voiced_seconds >= RESUMED_SECONDS:
                    self._driver.post(SpeechStarted())
            case Phase.COMMITTED:
                self._barge_in.stop_word(self._runs, self._heard)
            case Phase.SPEAKING if self._hooks.may_interrupt():
                self._barge_in.window(self._over_reply, self._heard)

    def _follow(self, phase: Phase) -> None:
        if self._runs.voiced:
            self._spoken += WINDOW_SECONDS
        if self._woken is not None and self._spoken < WOKEN_SPEECH_SECONDS:
            if self._heard - self._woken >= WOKEN_SECONDS:
                self._end(certain=True)
            return
        # Nothing ends while there may be speech, however doubtful.
        match self._endpointer.window(self._runs.voiced or self._over_reply.voiced):
            case Decision.ASK if self._utterance is not None:
                self._asking.append(self._driver.spawn(self._read(self._endpointer, self._utterance)))
                if self._model is not None:
                    self._asking.append(self._driver.spawn(self._ask(self._model, self._endpointer, self._utterance)))
            case Decision.RESUMED:
                self._stop_asking()
                if phase is Phase.SPECULATIVE:
                    self._driver.post(SpeechStarted())
            case Decision.LIKELY:
                self._end(certain=False)
            case Decision.CERTAIN:
                self._end(certain=True)
            case Decision.CAP:
                self._end(certain=True)
                self._hushed = True  # what goes on is too long to be answered

    def _end(self, *, certain: bool) -> None:
        state = self._driver.state
        self._driver.post(EndLikely(state.turn_id, state.revision))
        if certain:
            self._driver.post(EndConfirmed(state.turn_id, state.revision))

    async def _read(self, endpointer: Endpointer, utterance: Utterance) -> None:
        try:
            endpointer.text((await utterance.settle()).text)
        except ArvisError as error:  # if it fails at the end of the utterance too, that is told
            log.info("the words before a pause are not known: %s", error.code)

    async def _ask(self, model: EndpointModel, endpointer: Endpointer, utterance: Utterance) -> None:
        try:
            endpointer.score(await model.completeness(utterance.tail(model.seconds)))
        except EndpointError as error:  # the length of the silence decides without it
            log.info("the end of the turn is judged by silence alone: %s", error.code)

    def _stop_asking(self) -> None:
        """What was asked about a pause is void when it is over."""
        for task in self._asking:
            task.cancel()
        self._asking.clear()

    def _on_wake(self, score: float, end: float) -> None:
        if self._driver.state.phase is not Phase.IDLE or not self._hooks.needs_wake():
            return
        self._hooks.on_wake(score)
        self._woken = self._heard
        self._after_wake = self._heard - end + WAKE_PHRASE_SECONDS
        self._driver.post(SpeechStarted())

    # --- what the session asks for ------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin an utterance with what was heard lately."""
        woken = self._woken
        spoken = self._runs.voiced_seconds if woken is None else 0.0
        seconds = PRE_ROLL_SECONDS + spoken if woken is None else self._after_wake
        self._begin(self._hooks.open_utterance(self._lately(seconds), self._on_partial), spoken)
        self._woken = woken

    def adopt(self) -> None:
        """Go on with the words over the last reply as an utterance."""
        utterance = self._barge_in.take()
        if utterance is None:
            self.open()
            return
        self._begin(utterance, max(WINDOW_SECONDS, utterance.seconds - PRE_ROLL_SECONDS / 2 - self._runs.silence))
        for _ in range(round(self._runs.silence / WINDOW_SECONDS)):  # a word that is over by now ends it as well
            self._follow(Phase.LISTENING)
        self._on_partial(Transcript(utterance.text, final=False))

    def reopen(self) -> None:
        """The utterance goes on."""
        self._stop_asking()
        for _ in range(RESUME_WINDOWS):  # what was heard after the certain end; it was not followed
            self._endpointer.window(True)

    def close(self) -> None:
        """The utterance is over; what is said from now on is another one."""
        utterance, self._utterance = self._utterance, None
        self._stop_asking()
        self._woken = None
        self._runs.forget()
        if utterance is not None:
            self._driver.spawn(utterance.close())

    def hush(self) -> None:
        """Drop what is being said, up to the next silence."""
        self._hushed = True
        self.close()

    def reply_ended(self) -> None:
        """What was said over the reply and did not end it is of no account."""
        self._barge_in.drop()

    def _begin(self, utterance: Utterance, spoken: float) -> None:
        self._utterance = utterance
        self._endpointer = self._new_endpointer()
        self._spoken = 0.0
        self._woken = None
        for _ in range(round(spoken / WINDOW_SECONDS)):  # else a sound that is over by now would never end
            self._endpointer.window(True)

    def _candidate(self, spoken: float) -> Utterance:
        return self._hooks.open_utterance(self._lately(PRE_ROLL_SECONDS / 2 + spoken), self._on_partial)

    def _on_partial(self, partial: Transcript) -> None:
        # What is said over a reply is transcribed too, but shown only once it is a turn of its own.
        if self._utterance is not None and partial.text == self._utterance.text:
            self._hooks.on_words(partial)

    def _new_endpointer(self) -> Endpointer:
        return Endpointer(
            self._hooks.debounce, self._phrases, has_model=self._model is not None, cap_seconds=self._max_seconds
        )

    @property
    def settled(self) -> bool:
        """Whether the assistant's own voice is gone from what is heard."""
        return self.isolated or (self._echo is not None and self._echo.settled)
