from __future__ import annotations

import pytest

from modules.tts.normalizer.markup import strip


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("**bold** and *thin*", "bold and thin"),
        ("__bold__ and _thin_, ***both***", "bold and thin, both"),
        ("~~gone~~", "gone"),
        ("# Title #", "Title"),
        ("> quoted", "quoted"),
        ("- item", "item"),
        ("* item", "item"),
        ("• item", "item"),
        ("- [x] done", "done"),
        ("1. item", "1. item"),
        ("use `ls -l` now", "use ls -l now"),
        ("[the page](https://a.b/c)", "the page"),
        ('[the page](https://a.b/c "Title")', "the page"),
        ("![a cat](cat.png)", "a cat"),
        ("see [this][1] and that[^2]", "see this and that".replace("this", "[this]")),
        ("<https://a.b/c>", "https://a.b/c"),
        ("<mailto:a@b.org>", "a@b.org"),
        ("a <b>bold</b> word<br/>", "a  bold  word"),
        ("fish &amp; chips", "fish & chips"),
        (r"5 \* 3 \_x\_", "5 * 3 x"),
        ("snake_case_name", "snake_case_name"),
        ("3 * 4", "3 * 4"),
        ("well done 👍🏽 ❤️ 🇫🇷", "well done"),
        ("a null\x00 and a half\ud800 pair", "a null  and a half  pair"),
        ("45 °C ± 2 → fine", "45 °C ± 2 → fine"),
    ],
)
def test_what_is_for_the_eye_goes(written: str, plain: str) -> None:
    assert strip(written) == plain


def test_lines_become_sentences() -> None:
    assert strip("# Fruit\n- apples\n- pears!\n\nThat is all") == "Fruit. apples. pears!  That is all"


def test_code_blocks_are_dropped() -> None:
    assert strip("Run this:\n```sh\nrm -r x\n```\nDone") == "Run this: Done"


def test_rules_and_table_lines_are_dropped() -> None:
    assert strip("a\n---\nb\n***\n| x | y |\n|---|:-:|\n").split() == ["a.", "b.", "|", "x", "|", "y", "|"]
