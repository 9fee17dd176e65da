from __future__ import annotations

import pytest

from arvis.core.snapshot import BROKEN, Snapshot
from arvis.ui.mode import Mode
from arvis.ui.wording import Wording, phrase_of, seconds
from modules.turn.events import DebounceChanged
from modules.turn.settings import ListeningMode

PUSH, FREE, WAKE = ListeningMode.PUSH_TO_TALK, ListeningMode.HANDS_FREE, ListeningMode.WAKE_WORD


def snapshot(listening: ListeningMode, *, microphone: bool = True, loading: bool = False) -> Snapshot:
    made = Snapshot(listening)
    made.microphone_open, made.loading = microphone, loading
    made.debounce = DebounceChanged(0.5, adaptive=True)
    return made


def caption(mode: Mode, state: Snapshot, *, toggles: bool = False, barge_in: bool = True, by_key: bool = False) -> str:
    wording = Wording(key="F9", toggles=toggles, barge_in=barge_in)
    return wording.caption(mode, state, by_key=by_key)


@pytest.mark.parametrize(
    ("mode", "listening", "sentence"),
    [
        (Mode.STARTING, PUSH, "Getting ready; you can speak already"),
        (Mode.STARTING, FREE, "Getting ready; F9 works already"),
        (Mode.MUTED, FREE, "The microphone is muted"),
        (Mode.READY, PUSH, "Hold F9 or this button and speak"),
        (Mode.READY, FREE, "Just speak; F9 works as well"),
        (Mode.READY, WAKE, "Say “Hey Jarvis”; F9 works as well"),
        (Mode.LISTENING, PUSH, "Let go to finish"),
        (Mode.LISTENING, FREE, "A pause of 0.5 s ends your turn"),
        (Mode.LISTENING, WAKE, "A pause of 0.5 s ends your turn"),
        (Mode.SPECULATIVE, FREE, "Go on speaking if you have not finished"),
        (Mode.COMMITTED, FREE, "Speak, or press Esc, to interrupt"),
        (Mode.SPEAKING, WAKE, "Speak, or press Esc, to interrupt"),
        (Mode.DUCKED, FREE, "Speak, or press Esc, to interrupt"),
        (Mode.PAUSED, FREE, "Go on speaking to interrupt"),
    ],
)
def test_what_can_be_done_now(mode: Mode, listening: ListeningMode, sentence: str) -> None:
    assert caption(mode, snapshot(listening)) == sentence


def test_speaking_over_an_answer_is_offered_only_where_it_works() -> None:
    stops = "Esc or a tap on F9 stops the answer"
    assert caption(Mode.SPEAKING, snapshot(FREE), barge_in=False) == stops
    assert caption(Mode.SPEAKING, snapshot(FREE, microphone=False)) == stops
    assert caption(Mode.SPEAKING, snapshot(PUSH, microphone=False)) == stops


def test_just_speaking_is_offered_only_when_the_microphone_is_open() -> None:
    assert caption(Mode.READY, snapshot(FREE, microphone=False)) == "Hold F9 or this button and speak"


def test_what_the_key_began_the_key_ends() -> None:
    assert caption(Mode.LISTENING, snapshot(FREE), by_key=True) == "Let go to finish"
    assert caption(Mode.LISTENING, snapshot(FREE), by_key=True, toggles=True) == "Press again to finish"


def test_a_pause_that_is_not_known_has_no_length() -> None:
    state = snapshot(FREE)
    state.debounce = None
    assert caption(Mode.LISTENING, state) == "A pause ends your turn"


def test_what_stands_in_the_way_comes_first() -> None:
    state = snapshot(FREE, loading=True)
    assert caption(Mode.COMMITTED, state) == "Arvis answers as soon as it is ready; Esc stops it"
    state.obstacle = BROKEN
    assert caption(Mode.UNAVAILABLE, state) == BROKEN


@pytest.mark.parametrize(
    ("toggles", "listening", "headline", "choice"),
    [
        (False, PUSH, "Hold F9 and speak", "Push to talk: while F9 is held"),
        (True, PUSH, "Press F9 and speak", "Push to talk: between two presses of F9"),
        (False, FREE, "Just speak", "Hands-free: whenever you speak"),
        (True, WAKE, "Say “Computer”", "Wake word: after “Computer”"),
    ],
)
def test_how_to_begin(toggles: bool, listening: ListeningMode, headline: str, choice: str) -> None:
    wording = Wording(key="F9", toggles=toggles, wake_phrase="Computer")
    assert (wording.headline(listening), wording.choice(listening)) == (headline, choice)
    assert ("F9" in wording.hint(listening)) is (listening is not PUSH)
    assert "Esc" in wording.hint(listening)


@pytest.mark.parametrize(
    ("value", "words"), [(0.4, "0.4 s"), (1.0, "1.0 s"), (0.1 + 0.7, "0.8 s"), (0.45, "0.45 s"), (1.2, "1.2 s")]
)
def test_seconds_are_as_exact_as_need_be(value: float, words: str) -> None:
    assert seconds(value) == words


@pytest.mark.parametrize(
    ("model", "phrase"),
    [
        ("hey_jarvis", "Hey Jarvis"),
        ("hey_jarvis_v0.1", "Hey Jarvis"),
        ("/home/me/models/ok-computer_v2.ONNX", "Ok Computer"),
        ("alexa", "Alexa"),
    ],
)
def test_the_wake_phrase_is_the_name_of_its_model(model: str, phrase: str) -> None:
    assert phrase_of(model) == phrase
