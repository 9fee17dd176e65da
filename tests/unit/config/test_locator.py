"""Every way to write a key in TOML has its line."""

from __future__ import annotations

from config.locator import lines_of

TEXT = '''\
# a comment with [brackets] and key = 1
top = 1

[llm]
threads = 2
system_prompt = """
threads = 99
[tts]
"""
"max_tokens" = 3
tts.speed = 1

[ "tts" ] # again
fallback = [
  "piper",
]
voice = "ends # here"
inline = { first = 1, second.third = 2 }
[[list]]
inside = 1
'''


def test_lines_of_keys_and_tables() -> None:
    found = lines_of(TEXT)
    assert found == {
        "top": 2,
        "llm": 4,
        "llm.threads": 5,
        "llm.system_prompt": 6,
        "llm.max_tokens": 10,
        "llm.tts": 11,
        "llm.tts.speed": 11,
        "tts": 13,
        "tts.fallback": 14,
        "tts.voice": 17,
        "tts.inline": 18,
        "tts.inline.first": 18,
        "tts.inline.second": 18,
        "tts.inline.second.third": 18,
        "list": 19,
        "list.inside": 20,
    }


def test_line_ends_of_windows_count_once() -> None:
    assert lines_of("a = 1\r\n\r\nb = 2\r\n") == {"a": 1, "b": 3}


def test_an_empty_text_has_no_keys() -> None:
    assert lines_of("") == {}
