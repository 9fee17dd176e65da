from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.llm.sse import EventParser, EventTooLongError

STREAM = (
    "\ufeff: hello\n"
    "data: one\n\n"
    "event: note\r\nid: 7\r\ndata: zwei – 東京 🙂\r\n\r\n"
    "data:three\rdata: lines\r\r"
    "data\n\n"
    "retry: 10\n\n"
    "data: a\u2028b\n\n"
    "data: last"
).encode()
EVENTS = ["one", "zwei – 東京 🙂", "three\nlines", "", "a\u2028b", "last"]


def parse(packets: list[bytes]) -> list[str]:
    parser = EventParser()
    events = [event for packet in packets for event in parser.feed(packet)]
    return events + parser.finish()


def test_all_kinds_of_lines() -> None:
    assert parse([STREAM]) == EVENTS


@settings(deadline=None)
@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_packets_may_be_cut_anywhere(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    assert parse([STREAM[start:end] for start, end in pairwise(places)]) == EVENTS


def test_byte_by_byte() -> None:
    assert parse([bytes([byte]) for byte in STREAM]) == EVENTS


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=10))
def test_garbage_gives_no_error(packets: list[bytes]) -> None:
    assert parse(packets) == parse([b"".join(packets)])


def test_an_event_is_given_as_soon_as_its_empty_line_is_there() -> None:
    parser = EventParser()
    assert parser.feed(b"data: x\n") == []
    assert parser.feed(b"\n") == ["x"]
    assert parser.finish() == []


def test_a_line_without_end_is_an_error() -> None:
    parser = EventParser()
    assert parser.feed(b"x" * (1 << 20)) == []
    with pytest.raises(EventTooLongError):
        parser.feed(b"x")
