"""Words are found, in a file and on a server alike."""

from __future__ import annotations

import pytest

from modules.history.base import Selection, SessionRecord
from modules.history.store import HistoryStore
from tests.unit.modules.history.keeping import NOW, turn

TURNS = {
    1: ("Ein Café in Zürich, bitte.", "Gern: das Café Odeon."),
    2: ("What's the e-mail of example.com?", "It is 3.14 miles away, isn't it?"),
    3: ("Где кафе?", "Кафе за углом, Ёлка рядом."),
    4: ("foo_bar(baz) 🦊", "C:\\temp\\x 'quoted' \"twice\""),
    5: ("carpet", "A carpet for the car."),
}
HOSTILE = (
    '"', "'", "\\", "a OR", "NEAR(", "x*", "* *", "foo:bar", "-car", "(((", "car & | !", "\0car", "car\ud800", ";--",
    "car <-> a", "^car", "{said}: car", "%", "'':*", "a" * 5000, "🦊", "ﬁ", "́",
)  # fmt: skip


@pytest.fixture
def filled(store: HistoryStore, session: SessionRecord) -> HistoryStore:
    store.save(session, [turn(session, number, *words) for number, words in TURNS.items()])
    return store


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("cafe", [1]),
        ("CAFÉ zur", [1]),
        ("cafe\u0301", [1]),
        ("caf", [1]),
        ("caf odeon", []),
        ("e-mail", [2]),
        ("mail example", [2]),
        ("example.com", [2]),
        ("3.14", [2]),
        ("14", [2]),
        ("what's", [2]),
        ("кафе", [3]),
        ("елка", [3]),
        ("ГДЕ угл", [3]),
        ("foo_bar", [4]),
        ("bar baz", [4]),
        ("temp", [4]),
        ("twice quoted", [4]),
        ("car", [5]),
        ("carpet car", [5]),
        ("carp", [5]),
        ("pet", []),
        ("?! carpet ...", [5]),
        ("a", [2, 5]),
        ("cafe carpet", []),
        ("", []),
        ("  ?! ", []),
    ],
)
def test_words_are_found(filled: HistoryStore, query: str, numbers: list[int]) -> None:
    assert sorted(hit.turn.number for hit in filled.search(query)) == numbers


@pytest.mark.parametrize("query", HOSTILE)
def test_no_text_is_a_mistake(filled: HistoryStore, query: str) -> None:
    for hit in filled.search(query):
        assert hit.turn.number in TURNS


def test_the_newest_is_first_and_only_so_many_are_found(store: HistoryStore, session: SessionRecord) -> None:
    store.save(session, [turn(session, number, f"apple {number}") for number in range(1, 31)])
    assert [hit.turn.number for hit in store.search("apple", limit=3)] == [30, 29, 28]
    found = store.search("apple", since=NOW + 300, until=NOW + 420)
    assert [hit.turn.number for hit in found] == [6, 5]


def test_a_hit_shows_where_the_words_are(filled: HistoryStore) -> None:
    (hit,) = filled.search("zurich cafe")
    assert hit.snippet == "Ein Café in Zürich, bitte."
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["Café", "Zürich"]
    (hit,) = filled.search("odeon")
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["Odeon"]


def test_what_changes_is_found_as_it_is_now(store: HistoryStore, session: SessionRecord) -> None:
    saved = store.save(session, [turn(session, 1, heard="apples"), turn(session, 2, heard="apples")])
    store.save(session, [turn(session, 1, heard="pears", id=saved[1].id, version=1)])
    assert [hit.turn.number for hit in store.search("apples")] == [2]
    assert [hit.turn.number for hit in store.search("pears")] == [1]
    store.erase(Selection(turns=(saved[2].id or 0,)))
    assert store.search("apples") == []


def test_a_very_long_turn_can_be_found(store: HistoryStore, session: SessionRecord) -> None:
    words = " ".join(f"word{number}" for number in range(150_000))
    store.save(session, [turn(session, 1, "a question", words)])
    (hit,) = store.search("word77")
    assert hit.turn.heard == words
    assert len(hit.snippet) < 200
