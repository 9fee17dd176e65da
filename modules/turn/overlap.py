"""Whether somebody who speaks over a reply means to interrupt it."""

from __future__ import annotations

from enum import Enum, auto

from modules.endpointing.phrases import Phrases, words
from modules.stt.base import Transcript

DUCK_DECIBELS = -12.0
"""How much softer a reply gets at the first sign of speech."""
EAGER_THRESHOLD = 0.2
"""Probability from which sound over a reply counts as speech: a pause too many is repaired, one too late is not."""
SUSTAINED_EVIDENCE = 0.45
"""Sum of probabilities at which the reply is paused: one window that is likely speech, or two that may be."""
BURST_SECONDS = 0.03
"""Length of a sudden sound from which the reply is softer, before anybody can tell whether it is speech."""
BURST_EVIDENCE = 0.2
"""Sum of probabilities at which the reply is paused when a sudden sound came with them."""
STOP_WORD_SECONDS = 0.09
"""Speech that may be a stop word, while a reply is made that is not heard yet."""
TAIL_SECONDS = 0.15
"""Time after a pause in which the reply may still be heard: the device's delay, and the room."""
PROOF_SECONDS = 0.1
"""Speech after that, which is surely not the reply. However well echo is cancelled, a device that stumbles or a speaker
that is moved lets some through, and transcribers make words of it."""
LULL_SECONDS = 0.2
"""Silence after which what was said is judged at once."""
FIRST_LOOK_SECONDS = 0.3
"""Time after the pause at which the words are looked at even if there is no lull."""
NEXT_LOOK_SECONDS = 0.3
LONGEST_SECONDS = 2.0
"""Speech without a word that can be understood is given up on after this time."""
CALM_SECONDS = 0.3
"""Silence after which speech that was dismissed may be judged anew."""
DEAF_SECONDS = 3.0
"""Time after which it may, even without such a silence."""
UNSURE = 0.5
"""Confidence of the transcriber below which a few words may be a cough or a hum."""
UNSURE_WORDS = 3


class Verdict(Enum):
    """What is to become of a reply that somebody speaks over."""

    STOP = auto()
    """The user wants silence, and nothing else."""
    INTERRUPT = auto()
    """The user has something to say."""
    RESUME = auto()
    """Nothing was meant."""
    WAIT = auto()
    """It cannot be told yet."""


def judge(transcript: Transcript, phrases: Phrases, *, speaking: bool, echo: bool, seconds: float) -> Verdict:
    """Judge the words that were said since the onset.

    Args:
        transcript: The words so far.
        phrases: What people say to agree, to hesitate and to stop an assistant.
        speaking: Whether the speech still goes on.
        echo: Whether the words are the assistant's own.
        seconds: Time since the onset.
    """
    said = words(transcript.text)
    undecided = Verdict.WAIT if speaking and seconds < LONGEST_SECONDS else Verdict.RESUME
    if phrases.is_stop(transcript.text):
        return Verdict.STOP
    if not said or echo or phrases.is_backchannel(transcript.text):
        return undecided
    if phrases.begins_with_correction(transcript.text):
        return Verdict.INTERRUPT
    unsure = transcript.confidence is not None and transcript.confidence < UNSURE
    return undecided if unsure and len(said) <= UNSURE_WORDS else Verdict.INTERRUPT
