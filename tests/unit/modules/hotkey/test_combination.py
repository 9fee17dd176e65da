from __future__ import annotations

import pytest

from modules.hotkey.base import HotkeyError
from modules.hotkey.combination import Combination, HeldKeys, parse_combination


class Log:
    def __init__(self, text: str) -> None:
        self.seen: list[str] = []
        self.keys = HeldKeys(
            parse_combination(text), lambda: self.seen.append("press"), lambda: self.seen.append("release")
        )

    def play(self, script: str) -> list[str]:
        """Play keys such as "+ctrl_l +f9 -f9"."""
        for step in script.split():
            (self.keys.press if step[0] == "+" else self.keys.release)(step[1:])
        return self.seen


@pytest.mark.parametrize(
    ("text", "keys", "label"),
    [
        ("f9", {"f9"}, "F9"),
        (" F12 ", {"f12"}, "F12"),
        ("ctrl+alt+space", {"ctrl", "alt", "space"}, "Ctrl+Alt+Space"),
        ("Alt + Control + Space", {"ctrl", "alt", "space"}, "Ctrl+Alt+Space"),
        ("super+a", {"super", "a"}, "Super+A"),
        ("ctrl_r", {"ctrl_r"}, "Right Ctrl"),
        ("scroll lock", {"scroll_lock"}, "Scroll Lock"),
        ("shift+f1", {"shift", "f1"}, "Shift+F1"),
        ("AltGr", {"alt_gr"}, "AltGr"),
        ("win+pageup", {"super", "page_up"}, "Super+Page Up"),
        ("ctrl+shift+x", {"ctrl", "shift", "x"}, "Ctrl+Shift+X"),
        ("ctrl_r+1", {"ctrl_r", "1"}, "1+Right Ctrl"),
    ],
)
def test_a_combination_is_read_and_named(text: str, keys: set[str], label: str) -> None:
    combination = parse_combination(text)
    assert combination == Combination(frozenset(keys))
    assert combination.label == label


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "unknown-key"),
        ("f0", "unknown-key"),
        ("f99", "unknown-key"),
        ("banana", "unknown-key"),
        ("ctrl+", "unknown-key"),
        ("+", "unknown-key"),
        ("ctrl+ß", "unknown-key"),
        ("ctrl+ctrl", "repeated-key"),
        ("f9+f9", "repeated-key"),
        ("a", "typing-key"),
        ("space", "typing-key"),
        ("shift+a", "typing-key"),
        ("ctrl+shift+1", "typing-key"),
    ],
)
def test_nonsense_is_refused_in_one_sentence_that_names_the_setting(text: str, code: str) -> None:
    with pytest.raises(HotkeyError) as caught:
        parse_combination(text)
    assert caught.value.code == code
    assert "talk.hotkey" in caught.value.message


@pytest.mark.parametrize(
    ("hotkey", "script", "seen"),
    [
        ("f9", "+f9 -f9", ["press", "release"]),
        ("f9", "+f9 +f9 +f9 -f9", ["press", "release"]),
        ("f9", "+f9 -f9 +f9 -f9", ["press", "release"] * 2),
        ("f9", "+a +f9 -a -f9", ["press", "release"]),
        ("f9", "+ctrl_l +f9 -f9 -ctrl_l", []),
        ("f9", "+ctrl_l -ctrl_l +f9", ["press"]),
        ("f9", "-f9", []),
        ("f9", "+f9 +shift_l -shift_l -f9", ["press", "release"]),
        ("ctrl+space", "+ctrl_l +space -space -ctrl_l", ["press", "release"]),
        ("ctrl+space", "+ctrl_r +space -ctrl_r -space", ["press", "release"]),
        ("ctrl+space", "+space -space", []),
        ("ctrl+space", "+ctrl_l +alt_l +space -space", []),
        ("ctrl+alt+space", "+alt_l +ctrl_l +space +space -alt_l -space -ctrl_l", ["press", "release"]),
        ("ctrl_r", "+ctrl_l -ctrl_l", []),
        ("ctrl_r", "+ctrl_r -ctrl_r", ["press", "release"]),
    ],
)
def test_the_combination_begins_once_and_ends_once(hotkey: str, script: str, seen: list[str]) -> None:
    assert Log(hotkey).play(script) == seen


def test_releasing_all_ends_a_combination_that_is_held() -> None:
    log = Log("ctrl+space")
    log.play("+ctrl_l +space")
    log.keys.release_all()
    assert log.seen == ["press", "release"]
    log.keys.release_all()
    log.play("-space -ctrl_l")
    assert log.seen == ["press", "release"]


def test_releasing_all_forgets_a_modifier_whose_release_was_missed() -> None:
    log = Log("f9")
    log.play("+alt_l")
    log.keys.release_all()
    assert log.play("+f9") == ["press"]
