from __future__ import annotations

import pytest

from modules.turn.ledger import SpokenLedger


@pytest.fixture
def ledger() -> SpokenLedger:
    made = SpokenLedger()
    made.start("One two three four,")
    made.add(0.5)
    made.add(0.5)
    made.start("five six seven eight.")
    made.add(2.0)
    return made


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, ""),
        (0.2, ""),
        (0.5, "One two"),
        (1.0, "One two three four,"),
        (1.9, "One two three four, five"),
        (2.0, "One two three four, five six"),
        (2.99, "One two three four, five six seven eight."),
        (99.0, "One two three four, five six seven eight."),
    ],
)
def test_only_words_that_were_heard_count(ledger: SpokenLedger, seconds: float, words: str) -> None:
    assert ledger.heard(seconds) == words


def test_the_pause_after_a_clause_carries_no_words() -> None:
    ledger = SpokenLedger()
    ledger.start("One two.", pause=0.5)
    ledger.add(1.5)
    assert [ledger.heard(seconds) for seconds in (0.4, 0.6, 1.0, 1.2)] == ["", "One", "One two.", "One two."]


def test_a_clause_without_sound_was_not_heard() -> None:
    ledger = SpokenLedger()
    ledger.start("Silent.")
    assert ledger.heard(10.0) == ""
