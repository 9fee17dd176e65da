from __future__ import annotations

import json
from importlib.resources import files

import pytest

from modules.endpointing.phrases import Phrases, words

LANGUAGES = ("en", "ru", "de", "es")
TABLES = {"short_answers", "backchannels", "fillers", "corrections", "stop", "dangling", "courtesies"}
LOADED = {language: Phrases.load(language) for language in LANGUAGES}
EN = LOADED["en"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mm-hmm.", ["mm", "hmm"]),
        ("That’s 'right', isn't it?", ["thats", "right", "isnt", "it"]),
        ("[cough] Yes (laughs) *sighs* <noise>", ["yes"]),
        ("Ещё раз", ["еще", "раз"]),
        ("At 7:30", ["at", "7", "30"]),
        ("", []),
        (" ... ♪ ", []),
    ],
)
def test_words(text: str, said: list[str]) -> None:
    assert words(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "Mm-hmm.",
        "Mhm",
        "Mmhmm.",
        "M-hm.",
        "Mm hm, mm hm.",
        "MM-HMM",
        "Mm.",
        "Mmmm",
        "Hmm...",
        "Hm.",
        "Uh-huh.",
        "Uh huh.",
        "Uhhuh",
        "uh-huh, uh-huh",
        "Aha!",
        "Ah.",
        "Ohhh.",
        "Huh.",
        "Yeah.",
        "Yeah, yeah, yeah.",
        "Yep.",
        "Okay.",
        "OK",
        "Okay, okay.",
        "Right.",
        "Alright.",
        "I see.",
        "Got it.",
        "Sure.",
        "Oh, wow.",
        "Uh-huh, I see.",
        "Um.",
        "Um, uh...",
        "Haha",
        "[cough] Yeah.",
    ],
)
def test_a_backchannel(text: str) -> None:
    assert EN.is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "[cough]",
        "No.",
        "Stop.",
        "What?",
        "Yeah, but what about Spain?",
        "Right turn ahead",
        "I see a dog.",
        "Okay, stop.",
        "I'm hungry.",
        "yeah yeah yeah yeah yeah yeah yeah",
        "good morning",
        "Oh no.",
        "God.",
    ],
)
def test_no_backchannel(text: str) -> None:
    assert not EN.is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    [
        "Stop!",
        "Stop, stop, stop.",
        "Arvis, stop.",
        "Hey Arvis, be quiet, please.",
        "Jarvis stop",
        "Please stop.",
        "Be quiet.",
        "Stop it.",
        "Shut up!",
        "That’s enough.",
        "Okay, okay, stop.",
        "Could you be quiet, please?",
        "No, stop!",
        "Never mind.",
        "STOP",
        "Thanks, that's enough.",
        "Stop talking.",
    ],
)
def test_a_stop(text: str) -> None:
    assert EN.is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Arvis.",
        "Please.",
        "No.",
        "Stop the timer.",
        "Don't stop.",
        "Where is the bus stop?",
        "I can't stop now.",
        "Quiet music.",
    ],
)
def test_no_stop(text: str) -> None:
    assert not EN.is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "Yes, please.",
        "No, thank you.",
        "NO",
        "Nope",
        "Stop.",
        "Thank you.",
        "Thanks, Arvis.",
        "Okay",
        "Never mind.",
        "Hello!",
        "I don’t know.",
    ],
)
def test_a_short_answer(text: str) -> None:
    assert EN.is_short_answer(text)


@pytest.mark.parametrize(
    "text", ["", "Set a timer.", "Arvis", "Yes, I want to know more about it.", "No, the other one.", "Thank you for"]
)
def test_no_short_answer(text: str) -> None:
    assert not EN.is_short_answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "So, um",
        "Tell me about the",
        "Set an alarm for.",
        "Set an alarm for...",
        "One, two, three,",
        "And…",
        "I want to",
        "bread and",
        "The capital of Italy? Actually, wait.",
        "Well -",
        "Write a note:",
        "“Hello,”",
        "Ummm.",
        "Call my, uh",
        "No, wait.",
    ],
)
def test_words_that_call_for_more(text: str) -> None:
    assert EN.ends_open(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What time is it?",
        "What are you looking at?",
        "Who is it for?",
        "Turn it on.",
        "Yes.",
        "No.",
        "Yes or no.",
        "Stop",
        "I was wrong.",
        "Show me the ID.",
        "[cough]",
    ],
)
def test_words_that_call_for_nothing(text: str) -> None:
    assert not EN.ends_open(text)


@pytest.mark.parametrize(
    "text",
    ["Actually, Spain.", "No, wait", "Wait, what?", "Sorry, I meant Rome.", "I mean the other", "no", "Scratch that."],
)
def test_a_correction(text: str) -> None:
    assert EN.begins_with_correction(text)


@pytest.mark.parametrize("text", ["", "What is the actual price?", "I am sorry.", "Note this down", "Tell me to wait"])
def test_no_correction(text: str) -> None:
    assert not EN.begins_with_correction(text)


@pytest.mark.parametrize(
    ("language", "backchannel", "stop", "answer", "dangling", "correction"),
    [
        (
            "de",
            "Ach so.",
            "Sei still, bitte!",
            "Nein, danke.",
            "Stell den Wecker auf sieben und",
            "Nein, warte, ich meine",
        ),
        ("ru", "Угу.", "Арвис, стоп!", "Да, спасибо.", "Расскажи мне про", "Нет, подожди, вернее"),
        ("es", "Ajá.", "¡Cállate, por favor!", "No, gracias.", "Pon una alarma para las", "No, espera"),
    ],
)
def test_other_languages(
    language: str, backchannel: str, stop: str, answer: str, dangling: str, correction: str
) -> None:
    phrases = LOADED[language]
    assert phrases.is_backchannel(backchannel)
    assert phrases.is_stop(stop)
    assert phrases.is_short_answer(answer)
    assert phrases.ends_open(dangling)
    assert phrases.begins_with_correction(correction)
    assert not EN.is_stop(stop)
    assert not EN.is_short_answer(answer)


def test_a_word_that_is_an_answer_and_a_preposition() -> None:
    assert not LOADED["es"].ends_open("¡Para!")
    assert LOADED["es"].ends_open("un regalo para")


@pytest.mark.parametrize("language", ["fr", "", None, "../en", "en/..", "EN_", "e n", "xx-en"])
def test_an_unknown_language_has_no_phrases(language: str | None) -> None:
    phrases = Phrases.load(language)
    if language == "EN_":
        assert phrases.is_stop("stop")
        return
    for question in (phrases.is_backchannel, phrases.is_stop, phrases.is_short_answer, phrases.begins_with_correction):
        assert not any(question(text) for text in ("stop", "yes", "mhm", "actually"))
    assert not phrases.ends_open("I want to")
    assert phrases.ends_open("Je voudrais,")  # punctuation is the same everywhere


@pytest.mark.parametrize("language", ["en-GB", "EN", "en_US"])
def test_regions_share_their_language(language: str) -> None:
    assert Phrases.load(language).is_stop("Be quiet")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_are_complete(language: str) -> None:
    tables = json.loads(files("assets").joinpath("phrases", f"{language}.json").read_text("utf-8"))
    assert set(tables) == TABLES
    phrases = LOADED[language]
    for name, entries in tables.items():
        assert len(entries) == len(set(entries)) >= 10, name
        assert all(words(entry) for entry in entries), name
    assert all(map(phrases.is_backchannel, tables["backchannels"] + tables["fillers"]))
    assert all(map(phrases.is_stop, tables["stop"]))
    assert all(map(phrases.is_short_answer, tables["short_answers"]))
    assert all(map(phrases.begins_with_correction, tables["corrections"]))
    assert not any(map(phrases.is_backchannel, tables["stop"]))
    assert not any(map(phrases.ends_open, tables["short_answers"]))
