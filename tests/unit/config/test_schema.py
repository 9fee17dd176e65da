"""The schema is sound, and complete for what is made of it."""

from __future__ import annotations

from dataclasses import fields
from typing import get_type_hints

import pytest
from jsonschema import Draft202012Validator

from config.schema import Key, document, keys, sections
from config.settings import Settings
from config.validation import is_valid
from modules.turn.settings import SYSTEM_PROMPT, ListeningMode, SessionSettings

TYPES = {"string": str, "integer": int, "number": float, "boolean": bool, "array": tuple[str, ...]}


def test_it_is_a_valid_json_schema() -> None:
    Draft202012Validator.check_schema(dict(document()))


def test_the_dataclasses_have_exactly_the_keys_of_the_schema() -> None:
    hints = get_type_hints(Settings)
    found = {
        f"{section.name}.{name}": kind
        for section in fields(Settings)
        for name, kind in get_type_hints(hints[section.name]).items()
    }
    assert found == {path: TYPES[key.kind] for path, key in keys().items()}


def test_sections_are_in_the_same_order_everywhere() -> None:
    assert [section.name for section in fields(Settings)] == list(sections())


@pytest.mark.parametrize("key", keys().values(), ids=lambda key: key.path)
def test_every_key_is_described_and_its_default_is_allowed(key: Key) -> None:
    assert key.spec["description"].endswith(".")
    assert key.spec["x-since"] == "0.1.0"
    assert is_valid(key, key.spec["default"])
    assert key.allowed()
    if key.kind in ("integer", "number"):
        assert key.spec["minimum"] <= key.spec["default"] <= key.spec["maximum"]


def test_defaults_have_the_type_of_their_field() -> None:
    settings = Settings()
    assert type(settings.talk.max_seconds) is float
    assert type(settings.llm.threads) is int
    assert settings.tts.fallback == ("piper", "espeak-ng")


@pytest.mark.parametrize(
    ("value", "allowed"),
    [(0, True), (0.4, True), (0.85, True), (1.2, True), (0.01, False), (0.39, False), (1.21, False), (-0.1, False)],
)
def test_the_pause_that_ends_a_turn_is_adaptive_or_long_enough(value: float, allowed: bool) -> None:
    assert is_valid(keys()["talk.debounce"], value) is allowed


def test_the_ways_to_listen_are_those_of_the_session() -> None:
    assert keys()["talk.listening"].spec["enum"] == [mode.value for mode in ListeningMode]
    settings, session = Settings(), SessionSettings()
    assert settings.talk.listening == session.listening
    assert settings.talk.barge_in is session.barge_in
    assert settings.talk.hands_free_max_seconds == session.hands_free_max_seconds
    assert settings.talk.earcons is session.earcons
    assert settings.wake.follow_up == session.follow_up_seconds


def test_the_system_prompt_is_that_of_the_session() -> None:
    assert Settings().llm.system_prompt == SYSTEM_PROMPT


def test_settings_of_values_keeps_the_other_defaults() -> None:
    settings = Settings.of({"llm.threads": 4, "tts.fallback": ()})
    assert (settings.llm.threads, settings.llm.max_tokens, settings.tts.fallback) == (4, 120, ())
    assert settings.get("llm.threads") == 4
    assert Settings.of({}) == Settings()
