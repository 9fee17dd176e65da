"""Every way to write a key in TOML has its line."""

from __future__ import annotations

import tomllib

import pytest

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
        "tts": 13,
        "tts.fallback": 14,
        "tts.voice": 17,
        "tts.inline": 18,
        "list": 19,
        "list.inside": 20,
    }


def test_line_ends_of_windows_count_once() -> None:
    assert lines_of("a = 1\r\n\r\nb = 2\r\n") == {"a": 1, "b": 3}


def test_an_empty_text_has_no_keys() -> None:
    assert lines_of("") == {}


def test_no_text_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value of thousands of lines is given up: the characters that are parsed grow with the square of its lines."""
    parsed: list[int] = []
    real = tomllib.loads

    def counted(text: str) -> dict[str, object]:
        parsed.append(len(text))
        return real(text)

    monkeypatch.setattr("config.locator.tomllib.loads", counted)
    found = lines_of("[llm]\nthreads = 2\nmodel = [\n" + "1,\n" * 20_000 + "]\nengine = 1\n")
    assert found == {"llm": 1, "llm.threads": 2}
    assert sum(parsed) <= 2_000_000


def test_a_long_prompt_has_its_line_and_so_has_what_follows() -> None:
    text = '[llm]\nsystem_prompt = """' + "forty characters of what to do, and how\n" * 150 + '"""\nthreads = 2\n'
    assert lines_of(text)["llm.threads"] == 153
