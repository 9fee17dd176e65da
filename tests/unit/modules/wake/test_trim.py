from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.wake.trim import without_wake_phrase

PHRASES = ("hey jarvis", "эй джарвис")


@pytest.mark.parametrize(
    "text",
    [
        "Hey Jarvis, what time is it?",
        "Hey, Jarvis. What time is it?",
        "hey jarvis what time is it?".capitalize(),
        "HEY JARVIS! What time is it?",
        '"Hey Jarvis, what time is it?"',
        "“Hey Jarvis, what time is it?”",
        "- Hey, Jarvis. - What time is it?",
        "Hey Jarvis... what time is it?",
        "Hey Jarvis — what time is it?",
        "Hey, Jarvis's what time is it?",
        "Jarvis, what time is it?",
        "Hey Jarvis. Hey Jarvis, what time is it?",
    ],
)
def test_the_phrase_goes_and_the_request_stays(text: str) -> None:
    assert without_wake_phrase(text, PHRASES) == "What time is it?"


@pytest.mark.parametrize(
    "beginning",
    [
        "A Jarvis,",
        "A. Jarvis,",
        "A) Jarvis,",
        "A. Derbis.",
        "Aint, derbis.",
        "Hay Jarvis.",
        "Hey, Travis,",
        "Hey, jervis.",
        "Hey, darvis.",
        "Hey, durbas,",
        "Hey, Durvis,",
        "Hey, Dermvis.",
        "Hey, jarmus.",
        "Hey Jaravis,",
        "Hey Jar Vis,",
        "Hey Jarrow-Vist,",
        '"K" Jarvis',
        "Page Jarvis.",
    ],
)
def test_what_recognisers_hear_instead_goes_too(beginning: str) -> None:
    assert without_wake_phrase(f"{beginning} stop.", PHRASES) == "Stop."


@pytest.mark.parametrize(
    "text", ["Hey Jarvis", "Hey, Jarvis.", "hey jarvis!", '"Hey Jarvis."', "Jarvis?", "A. Jarvis."]
)
def test_the_phrase_alone_leaves_nothing(text: str) -> None:
    assert without_wake_phrase(text, PHRASES) == ""


@pytest.mark.parametrize(
    "text",
    [
        "What time is it?",
        "Tell Jarvis that I am late.",
        "Hey, what is a service?",
        "Hey, there is a mouse!",
        "Hi, Chris!",
        "A nervous man.",
        "A service is down.",
        "A jar of honey, please.",
        "He drives a car.",
        "Travis called me.",
        "Jar lids",
        "Hey.",
        '"Stop", he said.',
        "",
        "...",
    ],
)
def test_what_is_no_wake_phrase_stays_as_it_is(text: str) -> None:
    assert without_wake_phrase(text, PHRASES) == text


def test_quotation_marks_of_the_request_stay() -> None:
    assert without_wake_phrase('Hey Jarvis, play "Help"', PHRASES) == 'Play "Help"'
    assert without_wake_phrase("Hey Jarvis, play «Help»", PHRASES) == "Play «Help»"


def test_the_capital_letter_goes_where_it_was() -> None:
    assert without_wake_phrase("hey jarvis stop", PHRASES) == "stop"
    assert without_wake_phrase("Hey jarvis stop", PHRASES) == "Stop"


def test_other_languages() -> None:
    assert without_wake_phrase("Эй, Джарвис, который час?", PHRASES) == "Который час?"
    assert without_wake_phrase("Hey Jarvis, wie spät ist es?", PHRASES) == "Wie spät ist es?"


def test_other_phrases() -> None:
    assert without_wake_phrase("Alexa, stop.", ("alexa",)) == "Stop."
    assert without_wake_phrase("Alex a stop.", ("alexa",)) == "Stop."
    assert without_wake_phrase("Okay, big house: stop.", ("okay big house",)) == "Stop."
    assert without_wake_phrase("Hey Jarvis, stop.", ("alexa",)) == "Hey Jarvis, stop."
    assert without_wake_phrase("Hey Jarvis, stop.", ()) == "Hey Jarvis, stop."


@given(st.text(st.sampled_from("heyjarvis HJA.,!\"“”«»-'Эйк?\n")), st.sampled_from(["", "Hey Jarvis, ", "hey ", "A. "]))
def test_any_text_comes_back_whole_or_without_its_beginning(text: str, beginning: str) -> None:
    left = without_wake_phrase(beginning + text, PHRASES)
    assert left == beginning + text or left[1:].rstrip() in beginning + text
    assert without_wake_phrase(left, PHRASES) == left
