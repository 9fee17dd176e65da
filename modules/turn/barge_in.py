"""Listens for the user while a reply plays: softer, paused, then stopped or played on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modules.audio.base import AudioChunk
from modules.endpointing.phrases import Phrases
from modules.stt.base import Transcript
from modules.turn.driver import Driver, log
from modules.turn.inputs import InterruptionConfirmed, OverlapDismissed, OverlapStarted, OverlapSustained
from modules.turn.overlap import (
    BURST_EVIDENCE,
    BURST_SECONDS,
    CALM_SECONDS,
    DEAF_SECONDS,
    FIRST_LOOK_SECONDS,
    LULL_SECONDS,
    NEXT_LOOK_SECONDS,
    PROOF_SECONDS,
    STOP_WORD_SECONDS,
    SUSTAINED_EVIDENCE,
    TAIL_SECONDS,
    Verdict,
    judge,
)
from modules.turn.state import Overlap
from modules.turn.utterance import Utterance
from modules.vad.runs import SpeechRuns
from modules.vad.spans import WINDOW_SECONDS
from utils.errors import ArvisError


@dataclass(slots=True)
class _Candidate:
    """What may become the next utterance."""

    utterance: Utterance
    onset: float
    """Second of the stream at which it began."""
    next_look: float
    """Second of the stream at which its words are judged next."""
    unproven: float
    """Seconds of speech that are missing before it is surely not the reply itself."""
    paused: float
    """Second of the stream at which the reply was paused."""
    looking: bool = False


class BargeIn:
    """One rung of the ladder after the other, for one opening of the microphone.

    Args:
        driver: Takes what happens.
        phrases: What people say to agree, to hesitate and to stop an assistant.
        open_utterance: Begins an utterance with so many seconds of what was heard lately.
        is_echo: Whether words are the assistant's own.
        is_settled: Whether the echo of the reply is gone from what is heard.
        isolated: Whether the microphone cannot hear the speaker.
        on_stop_word: Called when the user says no more than that they want silence.
    """

    def __init__(
        self,
        driver: Driver,
        phrases: Phrases,
        *,
        open_utterance: Callable[[float], Utterance],
        is_echo: Callable[[str], bool],
        is_settled: Callable[[], bool],
        on_stop_word: Callable[[], None],
        isolated: bool = False,
    ) -> None:
        self._driver = driver
        self._phrases = phrases
        self._open_utterance = open_utterance
        self._is_echo = is_echo
        self._is_settled = is_settled
        self._on_stop_word = on_stop_word
        self._isolated = isolated
        self._candidate: _Candidate | None = None
        self._now = 0.0
        self._silence = 0.0
        self._spoken = 0.0  # second of the stream at which the last window of speech ended
        self._begun = 0.0  # second of the stream at which the last rung was reached
        self._burst = -1.0  # second of the stream at which a sudden sound was heard last
        self._deaf_until = 0.0

    def feed(self, chunk: AudioChunk) -> None:
        """Pass a chunk on to what may become the next utterance."""
        if self._candidate is not None:
            self._candidate.utterance.feed(chunk)

    def window(self, runs: SpeechRuns, now: float) -> None:
        """Take in a window of the detector while a reply is heard.

        Args:
            runs: How long there has been speech, or silence.
            now: Second of the stream at which the window ends.
        """
        self._now, self._silence = now, min(runs.silence, now - self._begun)
        if runs.voiced:
            self._spoken = now
            self._prove(now)
        if self._deaf_until > now and runs.silence < CALM_SECONDS:
            return
        self._deaf_until = 0.0
        state = self._driver.state
        match state.overlap:
            case Overlap.NONE if runs.voiced:
                self._duck(now)
                self._pause_if_sustained(runs)
            case Overlap.DUCKED if self._silence >= LULL_SECONDS:
                self._driver.post(OverlapDismissed(state.turn_id, state.revision))
            case Overlap.DUCKED:
                self._pause_if_sustained(runs)
            case Overlap.PAUSED if self._candidate is not None and not self._candidate.looking:
                if self._silence >= LULL_SECONDS or now >= self._candidate.next_look:
                    self._candidate.looking = True
                    self._driver.spawn(self._look(self._candidate, state.turn_id, state.revision))

    def burst(self, seconds: float, now: float) -> None:
        """A sudden sound goes on while a reply is heard; it may be the beginning of a word.

        Args:
            seconds: Its length so far; 0 when there is none.
            now: Second of the stream.
        """
        if seconds < BURST_SECONDS or not self._is_settled() or now < self._deaf_until:
            return
        self._burst = now
        if self._driver.state.overlap is Overlap.NONE:
            self._duck(now)

    def stop_word(self, runs: SpeechRuns, now: float) -> None:
        """Take in a window of the detector while a reply is made that nothing but a stop word may end.

        Args:
            runs: How long there has been speech, or silence.
            now: Second of the stream at which the window ends.
        """
        self._now, self._silence = now, runs.silence
        self._spoken = now if runs.voiced else self._spoken
        if self._candidate is None:
            if runs.voiced_seconds >= STOP_WORD_SECONDS and now >= self._deaf_until:
                self._candidate = self._new_candidate(runs.voiced_seconds)
        elif not self._candidate.looking and (runs.silence >= LULL_SECONDS or now >= self._candidate.next_look):
            self._candidate.looking = True
            self._driver.spawn(self._look(self._candidate, self._driver.state.turn_id, self._driver.state.revision))

    def take(self) -> Utterance | None:
        """The words over the last reply, to go on with as an utterance of their own."""
        candidate, self._candidate = self._candidate, None
        return candidate.utterance if candidate is not None else None

    def drop(self) -> None:
        """The reply is over, or plays on: what was said over it is of no account."""
        if (utterance := self.take()) is not None:
            self._driver.spawn(utterance.close())
            # Somebody who goes on muttering is not judged again and again.
            self._deaf_until = self._now + DEAF_SECONDS if self._silence < LULL_SECONDS else 0.0

    def _pause_if_sustained(self, runs: SpeechRuns) -> None:
        sudden = self._now - self._burst <= WINDOW_SECONDS * 2
        if runs.evidence >= (BURST_EVIDENCE if sudden else SUSTAINED_EVIDENCE):
            self._pause(runs.voiced_seconds)

    def _duck(self, now: float) -> None:
        self._begun = now
        self._driver.post(OverlapStarted(self._driver.state.turn_id, self._driver.state.revision))

    def _pause(self, spoken: float) -> None:
        state = self._driver.state
        if (leftover := self.take()) is not None:
            self._driver.spawn(leftover.close())
        self._begun = self._now
        self._candidate = self._new_candidate(spoken)
        self._driver.post(OverlapSustained(state.turn_id, state.revision))

    def _new_candidate(self, spoken: float) -> _Candidate:
        return _Candidate(
            self._open_utterance(spoken),
            onset=self._now - spoken,
            next_look=self._now + FIRST_LOOK_SECONDS,
            unproven=0.0 if self._isolated else PROOF_SECONDS,
            paused=self._now,
        )

    def _prove(self, now: float) -> None:
        """Speech goes on although the reply is no longer heard."""
        if self._candidate is not None and now > self._candidate.paused + TAIL_SECONDS:
            self._candidate.unproven -= WINDOW_SECONDS

    async def _look(self, candidate: _Candidate, turn_id: int, revision: int) -> None:
        spoken = self._spoken
        try:
            transcript = await candidate.utterance.settle()
        except ArvisError as error:  # a reply is not given up because nobody can tell what was said over it
            log.info("what was said over the reply is not known: %s", error.code)
            transcript = Transcript("")
        candidate.looking = False
        candidate.next_look = self._now + NEXT_LOOK_SECONDS
        if self._candidate is candidate and self._driver.is_current(turn_id, revision):
            # What was said while the words were looked at is not among them.
            speaking = self._silence < LULL_SECONDS or self._spoken > spoken
            self._decide(candidate, transcript, turn_id, revision, speaking)

    def _decide(
        self, candidate: _Candidate, transcript: Transcript, turn_id: int, revision: int, speaking: bool
    ) -> None:
        verdict = judge(
            transcript,
            self._phrases,
            speaking=speaking,
            echo=self._is_echo(transcript.text),
            seconds=self._now - candidate.onset,
        )
        corrects = self._phrases.begins_with_correction(transcript.text)
        if verdict is Verdict.INTERRUPT and candidate.unproven > 0.0 and not corrects:
            verdict = Verdict.WAIT if speaking else Verdict.RESUME
        match verdict:
            case Verdict.STOP:
                self._on_stop_word()
            case Verdict.INTERRUPT | Verdict.RESUME if self._driver.state.overlap is Overlap.NONE:
                self.drop()  # the reply is not heard yet, or is only written
            case Verdict.INTERRUPT:
                self._driver.post(InterruptionConfirmed(turn_id, revision))
            case Verdict.RESUME:
                self._driver.post(OverlapDismissed(turn_id, revision))
            case Verdict.WAIT:
                pass
