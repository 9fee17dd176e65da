"""What the window says about talking, listening and interrupting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from arvis.core.snapshot import Snapshot
from arvis.ui.mode import Mode
from modules.turn.settings import ListeningMode

NAMES = {
    ListeningMode.PUSH_TO_TALK: "Push to talk",
    ListeningMode.HANDS_FREE: "Hands-free",
    ListeningMode.WAKE_WORD: "Wake word",
}
"""The ways to listen, by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The sentences, for this user's settings."""

    key: str
    """Label of the talk key."""
    toggles: bool = False
    """Whether the key is pressed once to begin and once to end; otherwise it is held."""
    wake_phrase: str = "Hey Jarvis"
    barge_in: bool = True
    """Whether speaking over an answer ends it."""

    def headline(self, listening: ListeningMode) -> str:
        """How to begin, in large letters."""
        match listening:
            case ListeningMode.HANDS_FREE:
                return "Just speak"
            case ListeningMode.WAKE_WORD:
                return f"Say “{self.wake_phrase}”"
            case _:
                return f"{'Press' if self.toggles else 'Hold'} {self.key} and speak"

    def hint(self, listening: ListeningMode) -> str:
        """What else there is to know at the beginning."""
        if listening is ListeningMode.PUSH_TO_TALK:
            return "Arvis answers aloud. You can type as well; Esc stops the answer."
        return f"Arvis answers aloud. {self.key} works too, and you can type; Esc stops the answer."

    def choice(self, listening: ListeningMode) -> str:
        """A way to listen, and when the microphone hears the user then."""
        when = {
            ListeningMode.PUSH_TO_TALK: f"between two presses of {self.key}"
            if self.toggles
            else f"while {self.key} is held",
            ListeningMode.HANDS_FREE: "whenever you speak",
            ListeningMode.WAKE_WORD: f"after “{self.wake_phrase}”",
        }[listening]
        return f"{NAMES[listening]}: {when}"

    def how_to_talk(self) -> str:
        """What the talk key and the button do."""
        if self.toggles:
            return f"Press {self.key} or this button to talk, and again to finish"
        return f"Hold {self.key} or this button and speak"

    def caption(self, mode: Mode, snapshot: Snapshot, *, by_key: bool) -> str:
        """What the user can do now.

        Args:
            mode: What the window shows itself to be doing.
            snapshot: Where the conversation stands.
            by_key: Whether the talk key began the turn.
        """
        if snapshot.obstacle:
            return snapshot.obstacle
        match mode:
            case Mode.STARTING:
                return self._starting(snapshot)
            case Mode.MUTED:
                return "The microphone is muted"
            case Mode.LISTENING if by_key or snapshot.listening is ListeningMode.PUSH_TO_TALK:
                return "Press again to finish" if self.toggles else "Let go to finish"
            case Mode.LISTENING:
                return f"A pause of {pause(snapshot)} ends your turn" if snapshot.debounce else "A pause ends your turn"
            case Mode.SPECULATIVE:
                return "Go on speaking if you have not finished"
            case Mode.COMMITTED if snapshot.loading:
                return "Arvis answers as soon as it is ready; Esc stops it"
            case Mode.PAUSED:
                return "Go on speaking to interrupt"
            case Mode.COMMITTED | Mode.SPEAKING | Mode.DUCKED:
                return self._answering(snapshot)
            case _:
                return self._idle(snapshot)

    def _starting(self, snapshot: Snapshot) -> str:
        if snapshot.listening is ListeningMode.PUSH_TO_TALK:
            return "Getting ready; you can speak already"
        return f"Getting ready; {self.key} works already"

    def _answering(self, snapshot: Snapshot) -> str:
        if self.barge_in and snapshot.microphone_open:
            return "Speak, or press Esc, to interrupt"
        return f"Esc or a tap on {self.key} stops the answer"

    def _idle(self, snapshot: Snapshot) -> str:
        if snapshot.listening is ListeningMode.PUSH_TO_TALK or not snapshot.microphone_open:
            return self.how_to_talk()
        return f"{self.headline(snapshot.listening)}; {self.key} works as well"


def pause(snapshot: Snapshot) -> str:
    """The silence that ends a turn, in words; empty while it is not known."""
    return seconds(snapshot.debounce.seconds) if snapshot.debounce else ""


def seconds(value: float) -> str:
    """Seconds in words: to a tenth, or to a hundredth where that says more."""
    return f"{value:.1f} s" if abs(value - round(value, 1)) < 0.005 else f"{value:.2f} s"


def phrase_of(model: str) -> str:
    """The wake phrase that a model is named after: "Hey Jarvis" for "hey_jarvis" and for "hey_jarvis_v0.1.onnx"."""
    name = re.sub(r"(_v[\d.]+)?(\.onnx)?$", "", PurePath(model).name, flags=re.IGNORECASE)
    return name.replace("_", " ").replace("-", " ").title()
