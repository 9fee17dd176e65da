from __future__ import annotations

import pytest

from arvis.ui.settings.catalogue import groups, matches
from config.schema import keys, secrets


def found(query: str) -> set[str]:
    return {path for path, key in {**keys(), **secrets()}.items() if matches(key, query)}


def test_every_setting_and_secret_is_in_one_group_at_its_place() -> None:
    paths = [key.path for inside in groups().values() for key in inside]
    assert sorted(paths) == sorted([*keys(), *secrets()])
    for inside in groups().values():
        orders = [key.spec["x-order"] for key in inside]
        assert orders == sorted(orders)
    assert [key.path for key in groups()["Voice"]][:3] == ["reply.read_aloud", "tts.engine", "tts.voice"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("talk key", "talk.hotkey"),
        ("ANY WINDOW", "talk.hotkey"),
        ("llm.threads", "llm.threads"),
        ("monitoring port", "metrics.port"),
        ("megabytes", ""),
        ("mb", "tts.cache_mb"),
        ("key of the server", "llm.api_key"),
    ],
)
def test_a_search_looks_at_name_description_key_group_and_unit(query: str, path: str) -> None:
    assert (path in found(query)) if path else found(query) == set()


def test_short_words_have_to_begin_a_word_of_the_name() -> None:
    assert "stt.threads" in found("th")
    assert "audio.input_device" not in found("th")  # "the" is in its description
    assert "audio.input_device" in found("the")
    assert found("") == {*keys(), *secrets()}
    assert found("[") == set()
