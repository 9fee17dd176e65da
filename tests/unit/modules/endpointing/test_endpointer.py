from __future__ import annotations

import pytest

from modules.endpointing.debounce import AdaptiveDebounce
from modules.endpointing.endpointer import Decision, Endpointer
from modules.endpointing.phrases import Phrases

PHRASES = Phrases.load("en")
CLOSED = "What time is it?"
OPEN = "Set an alarm for"
Story = list[tuple[str, int]]


class Listener:
    """Speaks into an endpointer and notes in which window of the silence each decision comes."""

    def __init__(self, *, model: bool, debounce: float | None = None, cap: float = 60.0) -> None:
        timer = AdaptiveDebounce()
        timer.set(debounce)
        self.endpointer = Endpointer(timer, PHRASES, has_model=model, cap_seconds=cap)
        self.story: Story = []

    def speak(self, windows: int = 60) -> Listener:
        return self._feed(True, windows)

    def pause(self, windows: int = 60) -> Listener:
        return self._feed(False, windows)

    def text(self, text: str) -> Listener:
        self.endpointer.text(text)
        return self

    def score(self, value: float) -> Listener:
        self.endpointer.score(value)
        return self

    def _feed(self, voiced: bool, windows: int) -> Listener:
        for _ in range(windows):
            decision = self.endpointer.window(voiced)
            if decision is not Decision.CONTINUE:
                self.story.append((decision.name, round(self.endpointer.silence / 0.032)))
        return self


def _timer(text: str = "", debounce: float | None = None) -> Story:
    return Listener(model=False, debounce=debounce).speak().pause(8).text(text).pause().story


def _model(first: float, second: float | None = None, text: str = CLOSED, debounce: float | None = None) -> Story:
    listener = Listener(model=True, debounce=debounce).speak().pause(7).score(first).pause(1).text(text).pause(10)
    if second is not None:
        listener.score(second)
    return listener.pause().story


def test_silence_alone_ends_it_after_the_debounce_and_200_ms() -> None:
    assert _timer() == [("ASK", 5), ("LIKELY", 10), ("CERTAIN", 16)]


@pytest.mark.parametrize(("debounce", "likely"), [(0.4, 10), (0.5, 14), (0.8, 23), (1.2, 35)])
def test_the_debounce_is_when_the_end_is_likely(debounce: float, likely: int) -> None:
    assert _timer(debounce=debounce) == [("ASK", 5), ("LIKELY", likely), ("CERTAIN", likely + 6)]


def test_nothing_happens_before_somebody_speaks_or_while_they_do() -> None:
    assert Listener(model=True, cap=1.0).pause(1000).story == []
    assert Listener(model=True).speak(1000).story == []


@pytest.mark.parametrize("text", [OPEN, "Well, um", "The capital of Italy? Actually, wait.", "Set an alarm for..."])
@pytest.mark.parametrize("model", [True, False])
def test_words_that_call_for_more_are_waited_for(text: str, model: bool) -> None:
    story = _model(0.99, 0.99, text) if model else _timer(text)
    assert story[-1] == ("CERTAIN", 35)


def test_a_mark_alone_calls_for_more_unless_the_tune_is_that_of_an_end() -> None:
    assert _timer("One,")[-1] == _model(0.8, 0.8, "One,")[-1] == ("CERTAIN", 35)
    assert _model(0.99, 0.99, "One,")[-1] == ("CERTAIN", 16)


def test_words_that_come_late_still_hold_the_end_back() -> None:
    listener = Listener(model=True).speak().pause(7).score(0.99).pause(3)
    assert listener.story == [("ASK", 5), ("LIKELY", 8)]
    assert listener.text(OPEN).pause().story[2:] == [("CERTAIN", 35)]


def test_after_a_high_score_the_reply_is_begun_early() -> None:
    assert _model(0.95) == [("ASK", 5), ("LIKELY", 8), ("CERTAIN", 16)]


def test_a_middling_score_changes_nothing() -> None:
    assert _model(0.8) == [("ASK", 5), ("LIKELY", 10), ("CERTAIN", 16)]


def test_a_low_score_extends_it_and_asks_again() -> None:
    assert _model(0.3, 0.3) == [("ASK", 5), ("ASK", 16), ("LIKELY", 29), ("CERTAIN", 35)]
    assert _model(0.3) == [("ASK", 5), ("ASK", 16), ("LIKELY", 29), ("CERTAIN", 35)]


def test_an_answer_that_comes_with_the_second_question_counts_as_the_second() -> None:
    listener = Listener(model=True, debounce=0.8).speak().pause(17)
    assert listener.score(0.5).text(CLOSED).pause().story == [("ASK", 5), ("ASK", 16), ("LIKELY", 23), ("CERTAIN", 29)]


def test_a_second_answer_needs_a_higher_score_and_200_ms_more() -> None:
    assert _model(0.3, 0.97) == [("ASK", 5), ("ASK", 16), ("LIKELY", 19), ("CERTAIN", 25)]
    assert _model(0.3, 0.92)[-1] == ("CERTAIN", 35)


@pytest.mark.parametrize("score", [0.0, 0.5, 0.8, 1.0])
def test_nobody_waits_for_ever_and_no_score_ends_it_early(score: float) -> None:
    for text in ("", CLOSED, OPEN, "yes it is what I meant"):
        certain = dict(_model(score, score, text))["CERTAIN"]
        assert 16 <= certain <= 35


def test_a_model_that_does_not_answer_is_not_waited_for() -> None:
    assert Listener(model=True).speak().pause().story == [("ASK", 5), ("LIKELY", 10), ("CERTAIN", 16)]


@pytest.mark.parametrize("score", [0.8, 0.99])
def test_a_debounce_set_by_hand_is_not_shortened(score: float) -> None:
    assert _model(score, debounce=0.6)[-2:] == [("LIKELY", 17), ("CERTAIN", 23)]


def test_a_debounce_set_by_hand_above_the_patience_counts() -> None:
    assert _model(0.1, 0.1, debounce=1.2)[-2:] == [("LIKELY", 35), ("CERTAIN", 41)]


@pytest.mark.parametrize("score", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("text", ["Yes.", "No, thank you.", "stop"])
def test_a_short_answer_does_not_stall(score: float, text: str) -> None:
    story = Listener(model=True).speak(15).pause(6).score(score).pause(4).text(text).pause().story
    assert story[-1] == ("CERTAIN", 12)
    assert ("LIKELY", 11) in story or ("LIKELY", 7) in story


def test_words_of_an_answer_in_a_long_utterance_are_no_short_answer() -> None:
    story = Listener(model=False).speak(40).pause(8).text("Yes.").pause().story
    assert story[-1] == ("CERTAIN", 16)


def test_a_short_answer_whose_words_come_too_late_still_has_a_likely_end() -> None:
    story = Listener(model=True).speak(15).pause(7).score(0.1).pause(12).text("Yes.").pause().story
    assert story == [("ASK", 5), ("ASK", 16), ("LIKELY", 20), ("CERTAIN", 21)]


def test_speech_breaks_a_pause_and_what_was_known_of_it_is_void() -> None:
    listener = Listener(model=True).speak().pause(7).score(0.99).text(CLOSED).pause(3).speak(30)
    assert listener.story == [("ASK", 5), ("LIKELY", 8), ("RESUMED", 0)]
    assert listener.pause().story[3:] == [("ASK", 5), ("LIKELY", 10), ("CERTAIN", 16)]


def test_a_gap_too_short_to_ask_about_is_not_worth_a_word() -> None:
    assert Listener(model=True).speak().pause(4).speak().story == []


def test_one_window_of_speech_is_a_click() -> None:
    listener = Listener(model=False).speak().pause(6).speak(1).pause(5)
    assert listener.story == [("ASK", 5), ("LIKELY", 10)]
    assert listener.speak(1).pause(1).speak(2).story[2:] == [("RESUMED", 0)]


def test_speech_after_the_certain_end_is_told_and_may_end_again() -> None:
    listener = Listener(model=False).speak().pause(100).speak(10).pause(100)
    assert [name for name, _ in listener.story] == ["ASK", "LIKELY", "CERTAIN", "RESUMED", "ASK", "LIKELY", "CERTAIN"]


def test_a_score_that_nobody_asked_for_counts_for_nothing() -> None:
    assert Listener(model=True).speak().score(0.99).pause().story == [("ASK", 5), ("LIKELY", 10), ("CERTAIN", 16)]


def test_the_cap_ends_it_in_the_middle_of_a_word() -> None:
    listener = Listener(model=True, cap=2.0).pause(50).speak(61)
    assert listener.story == []
    assert listener.speak(100).story == [("CAP", 0)]


def test_the_cap_counts_silence_too_but_does_not_follow_an_end() -> None:
    assert Listener(model=False, cap=2.0).speak(60).pause(60).story == [
        ("CAP", 2),
        ("ASK", 5),
        ("LIKELY", 10),
        ("CERTAIN", 16),
    ]
    assert ("CAP", 22) not in Listener(model=False, cap=2.0).speak(40).pause(60).story


def test_silence_is_counted_from_the_last_speech() -> None:
    listener = Listener(model=False)
    assert listener.endpointer.silence == 0.0
    listener.speak().pause(10)
    assert listener.endpointer.silence == pytest.approx(0.32)
    listener.speak(2)
    assert listener.endpointer.silence == 0.0


def test_a_debounce_that_changes_counts_at_once() -> None:
    debounce = AdaptiveDebounce()
    endpointer = Endpointer(debounce, PHRASES, has_model=False)
    for _ in range(50):
        endpointer.window(True)
    debounce.set(0.8)
    decisions = [endpointer.window(False) for _ in range(40)]
    assert decisions.index(Decision.CERTAIN) == 28
