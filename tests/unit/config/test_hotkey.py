"""The grammar of the talk key is that of the module which listens for it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.hotkey import is_hotkey
from modules.hotkey import combination
from modules.hotkey.base import HotkeyError
from modules.hotkey.combination import parse_combination

NAMES = sorted(
    {*combination.MODIFIERS, *combination._SIDED, *combination._TYPING, *combination._NAMED, *combination._ALIASES}
)
TEXTS = st.lists(st.sampled_from([*NAMES, "a", "7", "ä", "f21", "", "?"]), min_size=1, max_size=4).map("+".join)


def is_understood(text: str) -> bool:
    try:
        parse_combination(text)
    except HotkeyError:
        return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_known_to_both(name: str) -> None:
    assert is_hotkey(name) == is_understood(name)
    assert is_hotkey(f"ctrl_l+{name}") == is_understood(f"ctrl_l+{name}")


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(TEXTS | st.text(max_size=12))
def test_what_one_allows_the_other_understands(text: str) -> None:
    assert is_hotkey(text) == is_understood(text)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("f9", True),
        (" Ctrl + Alt+Space ", True),
        ("strg+Page Down", True),
        ("ctrl_r", True),
        ("shift_l+ctrl+1", True),
        ("space", False),
        ("alt_gr+a", False),
        ("ctrl+control", False),
        ("ctrl+shift+1", False),
        ("f21", False),
        ("", False),
        ("ctrl+", False),
    ],
)
def test_some_texts(text: str, allowed: bool) -> None:
    assert is_hotkey(text) is allowed
