from __future__ import annotations

import pytest

from modules.notifications.base import Priority
from tests.unit.modules.notifications.told import NOON, entry, notification


@pytest.mark.parametrize(
    ("text", "count", "sentence"),
    [
        ("The microphone was lost.", 1, "The microphone was lost."),
        ("The microphone was lost.", 5, "The microphone was lost (5 times)."),
        ("The microphone was lost", 5, "The microphone was lost (5 times)"),
        ("It took 3.5 s. Ask again.", 2, "It took 3.5 s (2 times). Ask again."),
        ("What? No.", 2, "What (2 times)? No."),
        ("", 2, " (2 times)"),
    ],
)
def test_how_often_it_was_told_stands_at_the_end_of_the_first_sentence(text: str, count: int, sentence: str) -> None:
    assert entry(text=text, count=count).sentence == sentence


def test_what_differs_in_numbers_only_is_alike() -> None:
    first = notification(text="It took 21 s.")
    assert first.likeness == notification(text="It took 7 s.").likeness
    assert first.likeness != notification(text="It took long.").likeness
    assert first.likeness != notification(code="other", text="It took 21 s.").likeness


def test_the_most_important_is_the_greatest() -> None:
    assert sorted(Priority)[-1] is Priority.CRITICAL
    assert [priority.label for priority in Priority] == ["debug", "info", "warning", "error", "critical"]


def test_told_again_it_is_the_same_entry_with_the_newer_text() -> None:
    before = entry()
    after = before.again(notification(text="It was lost."), NOON.replace(hour=13))
    assert (after.id, after.count, after.first, after.last.hour) == (before.id, 2, NOON, 13)
    assert after.sentence == "It was lost (2 times)."
    assert entry().id != entry().id
