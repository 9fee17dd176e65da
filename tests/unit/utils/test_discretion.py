from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from utils.discretion import allow_words, forget_secrets, log_words, outline, redact, redacted, words_allowed

LOG = logging.getLogger("modules.test")


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    allow_words(False)
    forget_secrets()


def test_without_leave_only_the_number_of_words_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    log_words(LOG, "heard", "open  the pod bay doors")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("DEBUG", "heard: 5 words")]


def test_with_leave_the_words_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    allow_words()
    assert words_allowed()
    log_words(LOG, "heard", "open the pod bay doors")
    allow_words(False)
    log_words(LOG, "heard", "close them")
    assert [record.getMessage() for record in caplog.records] == ["heard: open the pod bay doors"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The voice failed: cannot say 'hello there'", "The voice failed."),
        ("The server at http://a:80/v1 failed (500): b: c", "The server at http://a:80/v1 failed (500)."),
        ("There is no microphone.", "There is no microphone."),
        ("", ""),
    ],
)  # fmt: skip
def test_what_a_library_said_stands_behind_the_first_colon(text: str, kept: str) -> None:
    assert outline(text) == kept


def test_a_secret_that_was_told_is_taken_out_of_everything() -> None:
    redact("correct horse")
    assert redacted({"a": ["is it 'correct horse'?", 3, None, True, 0.5]}) == {
        "a": ["is it '[redacted]'?", 3, None, True, 0.5]
    }
    assert redacted(ValueError("correct horse")) == "[redacted]"


def test_a_very_short_secret_is_not_looked_for() -> None:
    redact("abc")
    redact("")
    assert redacted("abc abcd") == "abc abcd"


@pytest.mark.parametrize(
    "name",
    ["api_key", "llm.api_key", "ARVIS_LLM_API_KEY", "api-key", "token", "metrics.token", "access_token",
     "Authorization", "Proxy-Authorization", "password", "passphrase", "client_secret", "set-cookie"],
)  # fmt: skip
def test_what_is_named_as_a_secret_is_one(name: str) -> None:
    assert redacted({name: "anything"}) == {name: "[redacted]"}


@pytest.mark.parametrize("name", ["tokens", "max_tokens", "tokens_per_second", "key", "author", "monkey", "passed"])
def test_other_names_are_not(name: str) -> None:
    assert redacted({name: 12}) == {name: 12}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [redacted]"),
        ("{'authorization': 'Basic QWxhZGRpbg=='}", "{'authorization': 'Basic [redacted]'}"),
        ("got bearer abc", "got bearer [redacted]"),
        ("GET /v1?api_key=sk-123&x=1", "GET /v1?api_key=[redacted]&x=1"),
        ('{"api_key": "sk-123", "n": 1}', '{"api_key": "[redacted]", "n": 1}'),
        ("passphrase = hunter2", "passphrase = [redacted]"),
        ("tokens: 12, secretary: Ann", "tokens: 12, secretary: Ann"),
    ],
)
def test_what_is_introduced_as_a_secret_is_one(text: str, expected: str) -> None:
    assert redacted(text) == expected


def test_bytes_and_other_objects_become_text_without_secrets() -> None:
    redact("hunter2")
    assert redacted(b"hunter2") == "b'[redacted]'"
