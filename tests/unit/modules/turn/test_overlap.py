"""What words over a reply are worth."""

from __future__ import annotations

import pytest

from modules.endpointing.phrases import Phrases
from modules.stt.base import Transcript
from modules.turn.overlap import LONGEST_SECONDS, UNSURE, Verdict, judge

ENGLISH = Phrases.load("en")

MEANT = ["what about Spain", "and in winter", "louder please", "Berlin", "tell me more about it", "no, the other one"]
CORRECTIONS = ["Actually,", "No wait", "I mean"]
REMARKS = ["mm-hmm", "Yeah.", "okay", "I see", "Uh huh, right.", "um", "[cough]", "(laughs)", "", " ... "]
STOPS = ["Stop!", "stop", "Arvis, stop.", "be quiet", "Stop, please."]


def judged(
    text: str, *, speaking: bool = False, echo: bool = False, seconds: float = 0.5, sure: float = 0.9
) -> Verdict:
    return judge(Transcript(text, "en", sure), ENGLISH, speaking=speaking, echo=echo, seconds=seconds)


@pytest.mark.parametrize("speaking", [True, False])
@pytest.mark.parametrize("text", [*MEANT, *CORRECTIONS])
def test_whoever_says_something_interrupts_at_once(text: str, speaking: bool) -> None:
    assert judged(text, speaking=speaking) is Verdict.INTERRUPT


@pytest.mark.parametrize("speaking", [True, False])
@pytest.mark.parametrize("text", STOPS)
def test_whoever_wants_silence_gets_it_at_once(text: str, speaking: bool) -> None:
    assert judged(text, speaking=speaking, sure=0.1) is Verdict.STOP


@pytest.mark.parametrize("text", REMARKS)
def test_a_remark_or_a_noise_interrupts_nothing(text: str) -> None:
    assert judged(text) is Verdict.RESUME


@pytest.mark.parametrize("text", REMARKS)
def test_what_begins_like_a_remark_may_become_a_sentence(text: str) -> None:
    assert judged(text, speaking=True, seconds=LONGEST_SECONDS - 0.01) is Verdict.WAIT
    assert judged(text, speaking=True, seconds=LONGEST_SECONDS) is Verdict.RESUME


@pytest.mark.parametrize("text", [*MEANT, "Actually it is Paris"])
def test_its_own_words_interrupt_nothing(text: str) -> None:
    assert judged(text, echo=True) is Verdict.RESUME
    assert judged(text, echo=True, speaking=True) is Verdict.WAIT


@pytest.mark.parametrize(
    ("text", "sure", "verdict"),
    [
        ("Berlin", UNSURE - 0.01, Verdict.RESUME),
        ("Berlin", UNSURE, Verdict.INTERRUPT),
        ("what about in Berlin", UNSURE - 0.01, Verdict.INTERRUPT),
        ("actually", UNSURE - 0.01, Verdict.INTERRUPT),
    ],
)
def test_a_single_word_that_is_not_sure_may_be_a_cough(text: str, sure: float, verdict: Verdict) -> None:
    assert judged(text, sure=sure) is verdict


def test_more_may_follow_a_word_that_is_not_sure() -> None:
    assert judged("Berlin", sure=0.1, speaking=True) is Verdict.WAIT


def test_a_transcriber_that_does_not_say_how_sure_it_is_counts_as_sure() -> None:
    assert judge(Transcript("Berlin"), ENGLISH, speaking=False, echo=False, seconds=0.5) is Verdict.INTERRUPT


def test_without_phrases_every_word_counts() -> None:
    nothing = Phrases({})
    assert judge(Transcript("yeah"), nothing, speaking=False, echo=False, seconds=0.5) is Verdict.INTERRUPT
    assert judge(Transcript("..."), nothing, speaking=False, echo=False, seconds=0.5) is Verdict.RESUME
