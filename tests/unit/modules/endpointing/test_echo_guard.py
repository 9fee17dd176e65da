from __future__ import annotations

import pytest

from modules.endpointing.echo_guard import EchoGuard

SENTENCE = "The weather in Paris is sunny, with a light wind from the west."


@pytest.fixture
def guard() -> EchoGuard:
    """At second 100 the assistant began a sentence of 13 words, which takes it 4.5 s."""
    guard = EchoGuard()
    guard.said(SENTENCE, 100.0)
    return guard


@pytest.mark.parametrize(
    "heard",
    [
        SENTENCE,
        "the weather in Paris is sunny",
        "with a light wind from the West",
        "The whether in Parish is sunny with a light wind from the best",  # misheard
        "weather in Paris sunny with light wind",  # words lost
        "Sunny, with a light... wind!",
    ],
)
@pytest.mark.parametrize("settled", [True, False])
def test_its_own_voice_is_recognised(guard: EchoGuard, heard: str, settled: bool) -> None:
    assert guard.is_echo(heard, 105.0, settled)


@pytest.mark.parametrize(
    "heard",
    [
        "",
        "...",
        "What about the weather in London tomorrow?",
        "Is it windy in the west of Ireland?",
        "wind light a with sunny is",  # the right words in the wrong order
        "Set a timer for ten minutes.",
        "The weather in Paris is sunny, but what is it like in Rome today?",
    ],
)
def test_other_words_are_the_users(guard: EchoGuard, heard: str) -> None:
    assert not guard.is_echo(heard, 105.0, settled=False)


def test_it_is_forgotten_after_a_while(guard: EchoGuard) -> None:
    heard = "a light wind from the west"  # 2.1 s long, said until 104.55
    assert guard.is_echo(heard, 110.0, settled=True)
    assert not guard.is_echo(heard, 113.0, settled=True)


def test_a_long_echo_is_compared_with_all_of_it() -> None:
    guard = EchoGuard()
    numbers = [f"{ten} {one}" for ten in ("twenty", "thirty", "forty") for one in ("one", "two", "three", "four")]
    for place, number in enumerate(numbers):
        guard.said(number, 10.0 + place * 0.7)
    assert guard.is_echo(" ".join(numbers), 19.5, settled=True)


def test_clauses_that_are_handed_over_early_are_said_one_after_another() -> None:
    guard = EchoGuard()
    for clause in ("Here is the first part,", "here is another one,", "and this is how it ends."):
        guard.said(clause, 50.0)
    assert guard.is_echo("this is how it ends", 60.0, settled=True)  # said until 55.25
    assert not guard.is_echo("here is the first part", 60.0, settled=True)  # said until 51.75


def test_a_word_or_two_count_only_at_once_and_with_an_unsettled_canceller(guard: EchoGuard) -> None:
    assert guard.is_echo("The West.", 105.0, settled=False)
    assert guard.is_echo("west", 105.0, settled=False)
    assert not guard.is_echo("the west", 105.0, settled=True)
    assert not guard.is_echo("sunny", 105.0, settled=False)  # said 2.5 s ago
    assert not guard.is_echo("west", 107.0, settled=False)
    assert not guard.is_echo("west light", 105.0, settled=False)


def test_who_has_said_nothing_hears_no_echo() -> None:
    guard = EchoGuard()
    assert not guard.is_echo("what time is it", 0.0, settled=False)
    assert not guard.is_echo("yes", 0.0, settled=False)
    guard.said("", 0.0)
    assert not guard.is_echo("yes", 0.0, settled=False)


def test_what_was_said_long_ago_is_not_kept(guard: EchoGuard) -> None:
    guard.begin()
    guard.said("Yes.", 200.0)
    assert [[word for word, _ in reply] for reply in guard._replies] == [["yes"]]


def test_other_scripts() -> None:
    guard = EchoGuard()
    guard.said("Сейчас в Москве идёт дождь.", 0.0)
    assert guard.is_echo("сейчас в москве идет дождь", 3.0, settled=True)
    assert not guard.is_echo("какая погода в казани", 3.0, settled=True)


def test_words_of_two_replies_are_not_put_together(guard: EchoGuard) -> None:
    question = "What is the capital of France?"
    for at in (106.0, 110.0):
        guard.begin()
        guard.said("The capital of France is Paris.", at)
    assert not guard.is_echo(question, 113.0, settled=True)
    assert guard.is_echo("The capital of France is Paris.", 113.0, settled=True)


def test_what_was_cut_off_was_not_said(guard: EchoGuard) -> None:
    assert guard.is_echo("with a light wind from the west", 103.0, settled=True)
    guard.silenced(102.0)  # six words of the sentence were out, or nearly
    assert not guard.is_echo("with a light wind from the west", 103.0, settled=True)
    assert guard.is_echo("the weather in Paris is sunny", 103.0, settled=True)


def test_replies_without_a_word_and_old_ones_are_forgotten(guard: EchoGuard) -> None:
    for _ in range(3):
        guard.begin()
    guard.said("Something new.", 200.0)
    assert not guard.is_echo(SENTENCE, 200.0, settled=True)
    assert guard.is_echo("something new", 200.7, settled=False)
