"""Single settings are put in and taken out, and nothing else of the file changes."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from config.entries import drop, flat, put, rename, same
from config.problem import SettingsError


def put_into(text: str, path: str, value: Any) -> str:
    document = tomlkit.parse(text)
    put(document, path, value)
    return document.as_string()


def dropped_from(text: str, path: str) -> str:
    document = tomlkit.parse(text)
    drop(document, path)
    return document.as_string()


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("[llm]\nthreads = 4 # four\n", "[llm]\nthreads = 9 # four\n"),
        ("[ llm ]\n  'threads'=4\n", "[ llm ]\n  'threads'=9\n"),
        ("llm.threads = 4\n", "llm.threads = 9\n"),
        ("llm = { threads = 4 } # all of it\n", "llm = { threads = 9 } # all of it\n"),
        ("[llm]\nmodel = 'x'\n", "[llm]\nmodel = 'x'\nthreads = 9\n"),
        ("[tts]\nspeed = 1.5\n", "[tts]\nspeed = 1.5\n\n[llm]\nthreads = 9\n"),
        ("", "[llm]\nthreads = 9\n"),
    ],
)
def test_a_value_is_put_where_it_belongs(text: str, after: str) -> None:
    assert put_into(text, "llm.threads", 9) == after


def test_a_new_setting_stands_before_the_comment_of_the_next_section() -> None:
    text = "[llm]\nthreads = 4\n# temperature = 1\n\n# The voice.\n[tts]\nspeed = 1.5\n"
    assert put_into(text, "llm.model", "x") == (
        '[llm]\nthreads = 4\nmodel = "x"\n# temperature = 1\n\n# The voice.\n[tts]\nspeed = 1.5\n'
    )
    assert put_into("[llm]\n\n# The voice.\n[tts]\n", "llm.threads", 4) == (
        "[llm]\nthreads = 4\n\n# The voice.\n[tts]\n"
    )


def test_a_value_that_is_there_is_left_as_it_is_written() -> None:
    text = "[tts]\nspeed = 1_0.0e-1\nfallback = [\n  'piper', # small\n]\n"
    assert put_into(put_into(text, "tts.fallback", ("piper",)), "tts.speed", 1.0) == text
    assert put_into("[llm]\nthreads = true\n", "llm.threads", 1) == "[llm]\nthreads = 1\n"


def test_where_a_value_has_the_name_of_a_section_nothing_can_be_put() -> None:
    for text in ("llm = 3\n", "[[llm]]\nthreads = 3\n"):
        with pytest.raises(SettingsError, match="llm must be a section"):
            put_into(text, "llm.threads", 4)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("[llm]\nthreads = 4 # four\nmodel = 'x'\n", "[llm]\nmodel = 'x'\n"),
        ("# a\n[llm]\nthreads = 4\n\n[tts]\nspeed = 1.5\n", "# a\n[tts]\nspeed = 1.5\n"),
        ("[llm]\n# temperature = 1\nthreads = 4\n", "[llm]\n# temperature = 1\n"),
        ("[llm] # mine\nthreads = 4\n", "[llm] # mine\n"),
        ("llm = { threads = 4 }\ntts.speed = 1.5\n", "tts.speed = 1.5\n"),
        ("llm.threads = 4\nllm.model = 'x'\n", "llm.model = 'x'\n"),
        ("llm.threads = 4\ntts.speed = 1.5\nllm.model = 'x'\n", "tts.speed = 1.5\nllm.model = 'x'\n"),
        ("[llm]\nmodel = 'x'\n", "[llm]\nmodel = 'x'\n"),
        ("[tts]\nspeed = 1.5\n", "[tts]\nspeed = 1.5\n"),
        ("llm = 3\n", "llm = 3\n"),
    ],
)
def test_a_value_is_taken_out_and_its_section_where_nothing_is_left(text: str, after: str) -> None:
    assert dropped_from(text, "llm.threads") == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("[talk]\na = 1 # one\nb = 2\n", "[talk]\nnew = 1 # one\nb = 2\n"),
        ("[talk]\nb = 2\n'a' = 1\n# end\n[wake]\na = 3\n", "[talk]\nb = 2\nnew = 1\n# end\n[wake]\na = 3\n"),
        ("talk.a = 1\nllm.a = 2\ntalk.b = 3\n", "talk.new = 1\nllm.a = 2\ntalk.b = 3\n"),
        ("talk.b = 1\nllm.a = 2\ntalk . a = 3 # x\n", "talk.b = 1\nllm.a = 2\ntalk . new = 3 # x\n"),
        ("talk = { b = 1, a = 2 }\n", "talk = { b = 1, new = 2 }\n"),
        ("[talk]\na = 1\nnew = 2\n", "[talk]\nnew = 2\n"),
        ("[talk]\nb = 1\n", "[talk]\nb = 1\n"),
        ("talk = 1\n", "talk = 1\n"),
        ("", ""),
    ],
)
def test_a_setting_gets_another_name_in_its_place(text: str, after: str) -> None:
    assert rename(tomlkit.parse(text), "talk.a", "talk.new").as_string() == after


def test_values_by_path() -> None:
    assert flat({"version": 2, "llm": {"threads": 4, "x": {"y": 1}}}) == {
        "version": 2,
        "llm.threads": 4,
        "llm.x": {"y": 1},
    }


def test_values_of_different_types_are_not_the_same() -> None:
    assert not same(1, 1.0)
    assert not same(1, True)
    assert same({"a": float("nan"), "b": 1}, {"b": 1, "a": float("nan")})


_VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3),
)
_NAMES = st.sampled_from(["a", "b", "c"])
_LINES = st.sampled_from(["", "# remark", "   # threads = 4", "\t"])


@st.composite
def _files(draw: st.DrawFn) -> str:
    """A settings file with remarks everywhere, in one of the ways in which sections can be written."""
    parts: list[str] = []
    for section in draw(st.permutations(["one", "two", "three"])):
        names = draw(st.lists(_NAMES, unique=True, max_size=3))
        entries = {name: tomlkit.item(draw(_VALUES)).as_string() for name in names}
        style = draw(st.sampled_from(["header", "dotted", "inline"]))
        remark = draw(st.sampled_from(["", " # remark"]))
        if style == "header":
            lines = [f"[{section}]{remark}"]
            for name, text in entries.items():
                lines += [draw(_LINES), f"{name}={text}{remark}"]
            parts.append("\n".join([*lines, draw(_LINES)]))
        elif style == "dotted":
            parts.insert(0, "\n".join(f"{section}.{name} = {text}{remark}" for name, text in entries.items()))
        else:
            inside = ", ".join(f"{name} = {text}" for name, text in entries.items())
            parts.insert(0, f"{section} = {{ {inside} }}{remark}")
    return "\n".join(parts) + "\n"


def _remarks(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.lstrip().startswith("#")]


@settings(max_examples=300, deadline=None)
@given(_files(), st.sampled_from(["one", "two", "three"]), _NAMES, _VALUES)
def test_whatever_the_file_looks_like_only_what_was_meant_is_different(
    text: str, section: str, name: str, value: Any
) -> None:
    expected = tomllib.loads(text)
    expected.setdefault(section, {})[name] = value
    after = put_into(text, f"{section}.{name}", value)
    assert same(tomllib.loads(after), expected)
    assert _remarks(after) == _remarks(text)

    del expected[section][name]
    after = dropped_from(after, f"{section}.{name}")
    assert same(flat(tomllib.loads(after)), flat(expected))
    assert _remarks(after) == _remarks(text)

    if f"{section}.a" in flat(expected):
        expected[section]["new"] = expected[section].pop("a")
    after = rename(tomlkit.parse(after), f"{section}.a", f"{section}.new").as_string()
    assert same(flat(tomllib.loads(after)), flat(expected))
    assert _remarks(after) == _remarks(text)
