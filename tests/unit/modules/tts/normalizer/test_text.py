from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.tts.normalizer import normalize

MARKS = "0123456789.,:/-–+$€%°#*_`[]()<>|\\@ \n\tabcTZPkmMGBxst'\"é½²~=^&!?;v"
ANYTHING = st.one_of(st.text(max_size=80), st.text(alphabet=MARKS, max_size=80))
PLAIN_WORDS = ("the", "house", "which", "everybody", "knew", "was", "old", "and", "nobody", "wondered", "doors")

HOSTILE = (
    *("[", "](", "[](", "<", "<a.", "*", "_", "__a", "`", "~", "- ", "> ", "# ", "|", "-", "=", "[^", "![a](", "&#"),
    *("1", "1,", "1.", "1/", "1-", "1:", "1 ", "+1 ", "$1", "0x", "1e", "'1", "12:3", "1,111", "(111) ", "v1.", "½"),
    *("a.", "a@", "/a", "www.", "http://", "a1", "Mar 1 ", "-- ", "a\n", "\n", "\t", "```x\n", "~~~\n```\n", "é"),
)
SIZE = 40_000
PATIENCE_SECONDS = 60
"""Each of these texts takes well under a second when the work is in proportion to the length, hours when it is not."""


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        (
            "The meeting is on 2024-03-05 at 19:05, in room 12.",
            "The meeting is on March fifth, twenty twenty-four at nineteen oh five, in room twelve.",
        ),
        (
            "It costs $4.50, or £1.2 million, at 50 Mbps.",
            "It costs four dollars and fifty cents, or one point two million pounds, at fifty megabits per second.",
        ),
        (
            "## News\n- **Python 3.11.2** is out 🎉\n- see [the page](https://a.org/x)",
            "News. Python three point eleven point two is out. see the page",
        ),
        ("Write to a@b.com , please", "Write to a at b dot com, please"),
        ("Mr. Jones, 42, has 3 GB at 7 p.m.", "Mister Jones, forty-two, has three gigabytes at seven PM."),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_written_text_becomes_spoken_text(written: str, spoken: str) -> None:
    assert normalize(written) == spoken


def test_other_languages_lose_their_markup_only() -> None:
    assert normalize("**Bonjour** à 21 amis 😀", "fr") == "Bonjour à vingt et un amis"


@given(
    st.lists(st.sampled_from([*PLAIN_WORDS, "house,", "old.", "which?", "doors!", "ever;"]), min_size=1, max_size=30)
)
def test_plain_sentences_stay_as_they_are(words: list[str]) -> None:
    text = " ".join(words)
    assert normalize(text) == text


@given(ANYTHING)
def test_any_text_is_accepted_and_no_digit_is_left(text: str) -> None:
    spoken = normalize(text)
    assert not any(character in "0123456789\n" for character in spoken)
    assert spoken == " ".join(spoken.split())


@given(ANYTHING, st.sampled_from(["de", "fr", "es", "it", "ja", "zh", "xx", ""]))
def test_any_text_is_accepted_in_any_language(text: str, language: str) -> None:
    assert "\n" not in normalize(text, language)


@pytest.fixture
def patience() -> Iterator[None]:
    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError("the work grows faster than the text")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_SECONDS)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("unit", HOSTILE)
def test_the_work_is_in_proportion_to_the_length(unit: str) -> None:
    assert isinstance(normalize(unit * (SIZE // len(unit))), str)
    assert isinstance(normalize(f"a{unit * (SIZE // len(unit))}!"), str)
