"""The schema is sound, and complete for what is made of it."""

from __future__ import annotations

from dataclasses import fields
from typing import get_type_hints

import pytest
from jsonschema import Draft202012Validator

from config.checks import CHECKS
from config.schema import VERSION, Key, document, keys, secrets, sections
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
    assert type(key.spec["x-restart"]) is bool
    assert is_valid(key, key.spec["default"])
    assert key.allowed()
    if key.kind in ("integer", "number"):
        assert key.spec["minimum"] <= key.spec["default"] <= key.spec["maximum"]


@pytest.mark.parametrize("key", [*keys().values(), *secrets().values()], ids=lambda key: key.path)
def test_every_key_has_its_place_in_the_dialog(key: Key) -> None:
    assert 0 < len(key.spec["title"]) <= 40
    assert key.spec["title"][0].isupper()
    group = [other for other in (*keys().values(), *secrets().values()) if other.spec["x-group"] == key.spec["x-group"]]
    assert [other.path for other in group if other.spec["x-order"] == key.spec["x-order"]] == [key.path]
    assert [other.path for other in group if other.spec["title"] == key.spec["title"]] == [key.path]


def test_every_name_that_begins_with_x_is_known() -> None:
    known = {
        "x-allowed", "x-check", "x-group", "x-if-wrong", "x-order", "x-owner", "x-removal", "x-renamed-from",
        "x-restart", "x-secret", "x-separator", "x-since", "x-unit",
    }  # fmt: skip
    used = {name for key in (*keys().values(), *secrets().values()) for name in key.spec if name.startswith("x-")}
    assert used == known
    assert {key.spec["x-check"] for key in keys().values() if "x-check" in key.spec} == set(CHECKS)


def test_the_version_is_that_of_the_schema() -> None:
    spec = document()["properties"]["version"]
    assert (spec["default"], spec["maximum"], spec["minimum"]) == (VERSION, VERSION, 1)


def test_earlier_names_are_names_of_nothing_else() -> None:
    old = [name for key in keys().values() for name in key.old_paths]
    assert sorted(old) == ["talk.debounce", "wake.cooldown", "wake.follow_up"]
    assert not set(old) & {*keys(), *secrets()}


def test_secrets_are_described_and_no_value_in_a_file_is_one() -> None:
    assert {name: key.variable for name, key in secrets().items()} == {
        "llm.api_key": "ARVIS_LLM_API_KEY",
        "metrics.token": "ARVIS_METRICS_TOKEN",
    }
    for key in secrets().values():
        assert not is_valid(key, "anything")
        assert "default" not in key.spec


def test_the_value_on_the_safe_side_is_allowed_and_mostly_the_default() -> None:
    other = {path: key.safe for path, key in keys().items() if key.safe != key.default}
    assert other == {
        "tts.cache_mb": 0,
        "network.offline": True,
        "security.role": "guest",
        "security.lock_minutes": 5.0,
    }
    assert all(is_valid(keys()[path], value) for path, value in other.items())


@pytest.mark.parametrize(
    ("path", "value", "allowed"),
    [
        ("health.interval_seconds", 0, True),
        ("health.interval_seconds", 5, False),
        ("health.interval_seconds", 10, True),
        ("notifications.quiet_from", "", True),
        ("notifications.quiet_from", "23:59", True),
        ("notifications.quiet_from", "24:00", False),
        ("notifications.quiet_from", "7:30", False),
        ("notifications.quiet_from", "07:30\n", False),
        ("notifications.routes", ["microphone-lost=ui,tts", "b=none"], True),
        ("notifications.routes", ["b=none,ui"], False),
        ("notifications.routes", ["b=email"], False),
        ("notifications.routes", ["b=ui", "b=tts"], False),
        ("logging.components", ["modules.stt=debug", "config=info"], True),
        ("logging.components", ["modules.stt=loud"], False),
        ("logging.components", ["a=debug", "a=info"], False),
        ("llm.fallback", ["openai"], True),
        ("llm.fallback", ["openai", "openai"], False),
        ("tracing.endpoint", "http://[::1]:4318", True),
        ("metrics.port", 80, False),
    ],
)
def test_bounds(path: str, value: object, allowed: bool) -> None:
    assert is_valid(keys()[path], value) is allowed


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
    assert is_valid(keys()["talk.debounce_seconds"], value) is allowed


def test_the_ways_to_listen_are_those_of_the_session() -> None:
    assert keys()["talk.listening"].spec["enum"] == [mode.value for mode in ListeningMode]
    settings, session = Settings(), SessionSettings()
    assert settings.talk.listening == session.listening
    assert settings.talk.barge_in is session.barge_in
    assert settings.talk.hands_free_max_seconds == session.hands_free_max_seconds
    assert settings.talk.earcons is session.earcons
    assert settings.wake.follow_up_seconds == session.follow_up_seconds


def test_the_system_prompt_is_that_of_the_session() -> None:
    assert Settings().llm.system_prompt == SYSTEM_PROMPT


def test_settings_of_values_keeps_the_other_defaults() -> None:
    settings = Settings.of({"llm.threads": 4, "tts.fallback": ()})
    assert (settings.llm.threads, settings.llm.max_tokens, settings.tts.fallback) == (4, 120, ())
    assert settings.get("llm.threads") == 4
    assert Settings.of({}) == Settings()
