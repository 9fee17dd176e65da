"""What of the words that were heard is to be answered."""

from __future__ import annotations

import re
from collections.abc import Callable

from modules.endpointing.echo_guard import EchoGuard
from modules.endpointing.phrases import Phrases, words
from modules.turn.driver import Driver
from modules.turn.microphone import OpenMicrophone
from modules.turn.settings import ListeningMode
from modules.wake.trim import without_wake_phrase


class Understanding:
    """Tells requests from everything else that people say, and from what the assistant said itself.

    Args:
        driver: Knows the turn.
        phrases: What people say to agree, to hesitate and to stop an assistant.
        guard: Knows what was said aloud.
        microphone: Knows how the words were heard.
        wake_phrases: How the wake phrase may be written.
        on_stop_word: Called when the words ask for silence.
        on_nothing: Called when nothing is left of what follows the wake phrase.
    """

    def __init__(
        self,
        driver: Driver,
        phrases: Phrases,
        guard: EchoGuard,
        microphone: OpenMicrophone,
        wake_phrases: tuple[str, ...],
        *,
        on_stop_word: Callable[[], None],
        on_nothing: Callable[[], None],
    ) -> None:
        self._driver = driver
        self._phrases = phrases
        self._guard = guard
        self._microphone = microphone
        self._wake_phrases = wake_phrases
        self._on_stop_word = on_stop_word
        self._on_nothing = on_nothing

    def __call__(self, text: str, hands_free: bool) -> str:
        """What of a transcript is to be answered; a word that asks for silence is obeyed.

        Args:
            text: The whole transcript.
            hands_free: Whether it came through the open microphone; with the talk key everything is meant.
        """
        if self._asks_for_silence(text):
            self._on_stop_word()
            return ""
        if not hands_free:
            return text
        if self._microphone.mode is ListeningMode.WAKE_WORD:
            text = without_wake_phrase(text, self._wake_phrases)
        remark = self._phrases.is_backchannel(text) and not self._phrases.is_short_answer(text)
        if remark or self.is_echo(text):
            text = ""
        if not text and self._microphone.is_hearing and self._microphone.hearing.woken:
            self._on_nothing()
        return text

    def is_echo(self, text: str) -> bool:
        """Whether words are the assistant's own."""
        hearing = self._microphone.hearing if self._microphone.is_hearing else None
        if hearing is not None and hearing.isolated:
            return False
        settled = hearing is not None and hearing.settled
        return self._guard.is_echo(text, self._driver.clock(), settled)

    def _asks_for_silence(self, text: str) -> bool:
        parts, turn = [text], self._driver.turn
        if turn.revisions:  # what was said after the end seemed to have come is merged with what was said before
            parts.append(" ".join(words(text)[len(words(turn.user_text)) :]))
            parts.append(re.split(r"[.!?]\s", text)[-1])
        return any(self._phrases.is_stop(part) for part in parts)
