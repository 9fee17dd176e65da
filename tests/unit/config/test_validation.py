"""Values, names and what messages show of them."""

from __future__ import annotations

import tomllib

import pytest

from config.checks import is_address
from config.schema import keys
from config.validation import as_toml, complaint, hint, is_secret, is_valid, printable, shown


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("https://host", True),
        ("http://[::1]:1", True),
        ("http://host:0", False),
        ("http://host:99999", False),
        ("http://host:port", False),
        ("http://[::1", False),
        ("http://", False),
        ("http://:80", False),
        ("http://a b", False),
        ("http://a\u202eb", False),
        ("http://me:word@host", False),
        ("http://me@host", False),
        ("ftp://host", False),
        ("host", False),
    ],
)
def test_addresses(text: str, allowed: bool) -> None:
    assert is_address(text) is allowed
    assert is_valid(keys()["llm.base_url"], text) is allowed


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), float("inf"), float("-inf"), float("nan"), True, "1", None, [1]]
)
def test_numbers_that_are_none(value: object) -> None:
    assert not is_valid(keys()["llm.temperature"], value)


def test_a_complaint_names_key_value_and_what_is_allowed() -> None:
    key = keys()["llm.threads"]
    assert complaint(key, 99) == "llm.threads is 99, but must be a whole number from 1 to 32"
    assert complaint(key, 32) is None


def test_a_value_without_end_is_wrong_like_any_other() -> None:
    endless: list[object] = []
    for _ in range(5000):
        endless = [endless]
    told = complaint(keys()["tts.fallback"], endless)
    assert told is not None
    assert told.startswith("tts.fallback is a list of tables or lists, but must be ")


def test_long_lists_are_refused_before_they_are_compared_item_by_item() -> None:
    assert not is_valid(keys()["logging.components"], ["a=debug", 1] * 30_000)


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        ("llm.api_key", True),
        ("metrics.token", True),
        ("llm.apikey", True),
        ("openai.API-KEY", True),
        ("x.password", True),
        ("x.auth", True),
        ("llm.max_tokens", False),
        ("llm.context_tokens", False),
        ("talk.hotkey", False),
        ("x.author", False),
        ("x.tokenizer", False),
    ],
)
def test_secrets_are_known_by_their_names(path: str, secret: bool) -> None:
    assert is_secret(path) is secret


@pytest.mark.parametrize(
    "value",
    [
        "sk-proj-0123456789abcdef",
        "ghp_0123456789abcdef",
        "hf_0123456789abcdefgh",
        "Bearer x",
        "eyJhbGciOiJIUzI1NiJ9",
        "http://a:b@c/",
        "https://c/?key=1",
    ],
)
def test_values_that_look_like_secrets_are_not_shown(value: str) -> None:
    assert shown(value) == "something that looks like a secret"
    assert shown(["a", value]) == "a list with something that looks like a secret"


def test_a_voice_is_no_secret() -> None:
    assert shown("sk_SK-lili-medium") == '"sk_SK-lili-medium"'


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.5, "1.5"), (float("nan"), "nan"), (float("-inf"), "-inf"), (True, "true"), (("a", "b"), '["a", "b"]')],
)
def test_values_are_shown_as_toml_writes_them(value: object, text: str) -> None:
    assert as_toml(value) == text
    assert str(tomllib.loads(f"x = {text}")["x"]) == str(list(value) if isinstance(value, tuple) else value)


def test_text_comes_back_as_it_was() -> None:
    text = "".join(map(chr, range(0x20, 0x100))) + '\n\t"\\'
    assert tomllib.loads(f"x = {as_toml(text)}")["x"] == text


def test_what_is_printable() -> None:
    assert printable("a\nb\x1b\udcff\u202eé") == "a\\nb\\x1b\\udcff\\u202eé"
    assert printable("x" * 100) == "x" * 59 + "…"


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("llm.max_token", "did you mean llm.max_tokens"),
        ("llm.thread", "did you mean llm.threads"),
        ("nothing.like.it", "see `arvis config show` for those there are"),
        ("x" * 100_000, "see `arvis config show` for those there are"),
    ],
)
def test_hints(path: str, advice: str) -> None:
    assert hint(path) == advice
